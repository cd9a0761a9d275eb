/**
 * Encodes a name as one part of a path, one to one: characters outside `A-Za-z0-9._-` become `=` and their
 * UTF-8 bytes in hexadecimal. The result never contains `~`, so names can be joined with it.
 */
export function pathPart(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** Decodes a part of a path; undefined if it is not an encoded name. */
export function fromPathPart(part: string): string | undefined {
  const bytes = part.replace(/=([0-9a-f]{2})/g, '%$1');
  try {
    const name = decodeURIComponent(bytes);
    return pathPart(name) === part ? name : undefined;
  } catch {
    return undefined;
  }
}
