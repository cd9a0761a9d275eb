import type { ServedBy } from '../../store/index.ts';
import { publicText } from '../privacy.ts';
import { openBelow } from '../run-files.ts';

const longestTail = 16 * 1024;

/** The last lines of an engine's log, without host paths and secrets; null if the log is not on this host. */
export async function logTail(
  { log, location }: Pick<ServedBy, 'log' | 'location'>,
  tailBytes = longestTail,
): Promise<string | null> {
  if (log === null || location === null) return null;
  const handle = await openBelow(location, log).catch(() => undefined);
  if (handle === undefined) return null;
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(size - from),
      position: from,
    });
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line of a tail is usually incomplete.
    return publicText(from === 0 ? text : text.slice(text.indexOf('\n') + 1));
  } finally {
    await handle.close();
  }
}
