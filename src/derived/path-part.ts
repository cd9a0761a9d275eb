/**
 * A name as one part of a path, the same for the same name and different for different ones: what is not plain is
 * written as `=` and its UTF-8 bytes in hexadecimal. `~` is never in it, so names can be joined by it.
 */
export function pathPart(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** The name that a part of a path was made of; undefined for a part that was made of none. */
export function fromPathPart(part: string): string | undefined {
  const bytes = part.replace(/=([0-9a-f]{2})/g, '%$1');
  try {
    const name = decodeURIComponent(bytes);
    return pathPart(name) === part ? name : undefined;
  } catch {
    return undefined;
  }
}
