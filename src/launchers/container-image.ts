import type { Fault } from '../errors.ts';

const name = '[a-z\\d]+(?:[._-]+[a-z\\d]+)*';
/**
 * As in Docker, the first part is a registry if it contains a dot or a port. Configs may write `#` instead of the `/`
 * after it.
 */
const registry = '(?:localhost|[a-zA-Z\\d][\\w-]*(?:\\.[\\w-]+)+|[a-zA-Z\\d][\\w-]*(?=:))(?::\\d+)?[/#]';
const form = new RegExp(`^(?:${registry})?${name}(?:/${name})*(:\\w[\\w.-]*)?(@sha256:[a-f\\d]{64})?$`);

const example = 'vllm/vllm-openai:v0.13.0';

/** Explains why an image name cannot be a container image; undefined if it can. */
export function containerImageFault(image: string): Fault | undefined {
  if (form.test(image)) return undefined;
  const what = /^[./]/.test(image) ? 'is a path, and not' : 'is not';
  return { message: `image '${image}' ${what} a container image`, hint: `expected one such as ${example}` };
}

/** Whether an image name pins a version. Without one, the registry's latest image runs. */
export function hasVersion(image: string): boolean {
  const [, tag, digest] = form.exec(image) ?? [];
  return tag !== undefined || digest !== undefined;
}

/**
 * Converts an image name to Docker's form: configs may write `#` instead of the `/` after the registry (contract §1).
 */
export function dockerImage(image: string): string {
  return image.replace('#', '/');
}

/** Converts an image name to enroot's form: `#` after the registry, no registry for Docker Hub. */
export function enrootImage(image: string): string {
  if (image.includes('#')) return image;
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(0, slash));
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  return isRegistry ? `${first}#${image.slice(slash + 1)}` : image;
}

/** Converts an image name to a file name. */
export function imageFileName(image: string): string {
  return image.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
}
