import { BrokenReply } from '../reply/broken-reply.ts';

/**
 * Bytes of large unfinished events held by all streams of this thread. A single event may be large, but thousands at
 * once would exhaust the machine's memory.
 */
let heldBytes = 0;
const mostHeldBytes = 512 * 1024 * 1024;

/** Counts `bytes` as held until they are released. Throws BrokenReply if all streams together hold too many. */
export function holdBytes(bytes: number): void {
  if (heldBytes + bytes > mostHeldBytes) {
    throw new BrokenReply(
      'oversized-event',
      `unfinished events of all streams together are larger than ${mostHeldBytes / 2 ** 20} MiB`,
    );
  }
  heldBytes += bytes;
}

export function releaseBytes(bytes: number): void {
  heldBytes -= bytes;
}
