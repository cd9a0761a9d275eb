import { bytesOfFile, NotAFile, TooLong, textWithin } from './bounded-read.ts';
import { InputError, messageOf } from './errors.ts';

/** A list, a plan or a result that is longer is none of ours. */
export const longestNamed = 64 * 1024 * 1024;

/**
 * The text of a file that a person named. Throws InputError for a pipe or a device, which may have no end, for a file of
 * more than `maxBytes`, and for one that cannot be read.
 */
export async function textOfNamed(file: string, maxBytes: number = longestNamed): Promise<string> {
  return (await bytesOfNamed(file, maxBytes)).toString('utf8');
}

/** The same as bytes. */
export async function bytesOfNamed(file: string, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  return await bytesOfFile(file, maxBytes).catch((error: unknown) => refuse(file, error));
}

/** The text of a file that a person named, or of standard input for `-`. Throws InputError, too. */
export async function textOfNamedOrInput(file: string, maxBytes: number = longestNamed): Promise<string> {
  if (file !== '-') return await textOfNamed(file, maxBytes);
  return await textWithin(process.stdin, maxBytes).catch((error: unknown) => refuse(nameOf(file), error));
}

/** How a file that a person named is called in an error. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function refuse(file: string, error: unknown): never {
  const own = error instanceof TooLong || error instanceof NotAFile;
  throw new InputError([{ file, message: own ? error.message : `cannot be read: ${messageOf(error)}` }]);
}
