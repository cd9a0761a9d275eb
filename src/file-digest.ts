import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { defined } from './defined/defined.ts';

/** SHA-256 of a file of any size, as hexadecimal. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, defined({ signal }));
  return hash.digest('hex');
}
