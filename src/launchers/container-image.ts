import type { Fault } from '../errors.ts';

const name = '[a-z\\d]+(?:[._-]+[a-z\\d]+)*';
/** A first part is a registry if it has a dot or a port, as Docker has it; configs may write `#` for the `/` after it. */
const registry = '(?:localhost|[a-zA-Z\\d][\\w-]*(?:\\.[\\w-]+)+|[a-zA-Z\\d][\\w-]*(?=:))(?::\\d+)?[/#]';
const form = new RegExp(`^(?:${registry})?${name}(?:/${name})*(:\\w[\\w.-]*)?(@sha256:[a-f\\d]{64})?$`);

const example = 'vllm/vllm-openai:v0.13.0';

/** What keeps an image from being run as a container; undefined if nothing is known to. */
export function containerImageFault(image: string): Fault | undefined {
  if (form.test(image)) return undefined;
  const what = /^[./]/.test(image) ? 'is a path, and not' : 'is not';
  return { message: `image '${image}' ${what} a container image`, hint: `expected one such as ${example}` };
}

/** Whether an image names the version that is run: one without is whatever its registry calls the latest today. */
export function hasVersion(image: string): boolean {
  const [, tag, digest] = form.exec(image) ?? [];
  return tag !== undefined || digest !== undefined;
}

/** An image as Docker takes it: configs may write `#` for the `/` after the registry (contract §1). */
export function dockerImage(image: string): string {
  return image.replace('#', '/');
}

/** An image as enroot takes it: `#` after the registry, none for Docker Hub. */
export function enrootImage(image: string): string {
  if (image.includes('#')) return image;
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(0, slash));
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  return isRegistry ? `${first}#${image.slice(slash + 1)}` : image;
}

/** A file name for an image. */
export function imageFileName(image: string): string {
  return image.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
}
