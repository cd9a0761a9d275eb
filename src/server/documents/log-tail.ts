import { open } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { ServedBy } from '../../store/index.ts';
import { publicText } from '../privacy.ts';

const tailBytes = 16 * 1024;

/** The end of an engine's log, without paths of the host; null where it is not on this host. */
export async function logTail({ log, location }: ServedBy): Promise<string | null> {
  if (log === null || location === null) return null;
  const path = resolve(location, log);
  // What names the log came in with an ingest: it must not lead out of the run directory.
  if (!path.startsWith(resolve(location) + sep)) return null;
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return null;
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(size - from),
      position: from,
    });
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line of a tail is rarely whole.
    return publicText(from === 0 ? text : text.slice(text.indexOf('\n') + 1));
  } finally {
    await handle.close();
  }
}
