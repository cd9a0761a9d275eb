import { AddressRing } from './http/address-ring.ts';
import { cannotConnect, type ServerAddresses, timerMs } from './http/addresses.ts';
import type { ConnectionEnd } from './http/connection.ts';
import { LoadError } from './load-error.ts';
import { Stream, type StreamSettings } from './stream.ts';

/** Connections opened at the same time; fits the listen backlog of servers. */
const openingAtOnce = 128;

/** Streams to one server; more can be added while a test runs. */
export interface StreamPool {
  readonly streams: Stream[];
  /** A stream that opens its connection on first use. */
  newStream(): Stream;
  /** The addresses that the streams use in turn. */
  readonly addresses: AddressRing;
}

/** How many streams a pool opens, and how many are opened before it by other threads. */
export interface PoolShare {
  readonly count: number;
  readonly offset: number;
}

/**
 * Opens streams before the clock starts, using the server's addresses in turn. Throws LoadError `cannot-connect`, after
 * closing the streams that were opened.
 */
export async function openStreams(
  server: ServerAddresses,
  { count, offset }: PoolShare,
  shared: Omit<StreamSettings, 'addresses'>,
  signal: AbortSignal,
): Promise<StreamPool> {
  const addresses = new AddressRing(server, offset);
  const settings = { ...shared, addresses };
  const streams: Stream[] = [];
  // Open a single connection first, to learn whether the server listens before many connections wait for it.
  const batches = [1, ...new Array<number>(Math.ceil((count - 1) / openingAtOnce)).fill(openingAtOnce)];
  for (const batch of batches) {
    if (signal.aborted && streams.length > 0) break;
    const opening = Array.from(
      { length: Math.min(batch, count - streams.length) },
      () => new Stream(settings),
    );
    const ends = await Promise.all(opening.map((stream) => openOne(stream, settings)));
    const failed = opening.flatMap((stream, index) => {
      const end = ends[index];
      return end === undefined ? [] : [{ target: stream.target, end }];
    });
    const [first] = failed;
    if (first === undefined) {
      streams.push(...opening);
      continue;
    }
    for (const stream of [...streams, ...opening]) stream.close();
    if (streams.length === 0) throw cannotConnect(server.origin, [first]);
    throw new LoadError(
      'cannot-connect',
      `only ${streams.length + opening.length - failed.length} of ${count} connections to ${server.origin} opened: ${first.end.message}`,
      { hint: 'raise the open-file limit (ulimit -n) on the client and the server, or use fewer streams' },
    );
  }
  return { streams, newStream: () => new Stream(settings), addresses };
}

/** Opens a stream's connection. Resolves to the failure, or to undefined if it is open. */
async function openOne(
  stream: Stream,
  { connectTimeoutMs }: Pick<StreamSettings, 'connectTimeoutMs'>,
): Promise<ConnectionEnd | undefined> {
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    stream.close();
  }, timerMs(connectTimeoutMs));
  try {
    const end = await stream.open();
    return end !== undefined && late
      ? { class: 'connect-timeout', message: `no answer within ${connectTimeoutMs / 1000} s` }
      : end;
  } finally {
    clearTimeout(deadline);
  }
}
