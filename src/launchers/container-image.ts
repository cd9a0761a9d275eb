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
