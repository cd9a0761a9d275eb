import { certificateError, refusedCertificate } from './http/certificate.ts';
import type { ConnectionEnd } from './http/connection.ts';
import { resolveTargets, type Server, type Target } from './http/target.ts';
import { LoadError } from './load-error.ts';
import { Stream, type StreamSettings } from './stream.ts';

/** Connections being opened at a time: within the backlog that servers listen with. */
const openingAtOnce = 128;

/** Streams to one server, and a way to more of them while a test runs. */
export interface StreamPool {
  readonly streams: Stream[];
  /** A stream that opens its connection when it is first used. */
  newStream(): Stream;
}

/**
 * Opens `count` streams before the clock starts. The first address that answers is used for all.
 * Throws LoadError `cannot-connect`; streams that were opened are closed then.
 */
export async function openStreams(
  server: Server,
  count: number,
  settings: Omit<StreamSettings, 'target'>,
  signal: AbortSignal,
): Promise<StreamPool> {
  const { origin } = new URL(server.baseUrl);
  const targets = await resolveTargets(server);
  let first: Stream | undefined;
  let chosen: Target = targets[0];
  let refused: ConnectionEnd | undefined;
  const refusals: string[] = [];
  for (const target of targets) {
    try {
      first = await openOne(target, settings);
      chosen = target;
      break;
    } catch (end) {
      if (isOfCertificate(end)) refused ??= end;
      refusals.push(`${target.address} port ${target.port}: ${messageOf(end)}`);
    }
  }
  if (first === undefined) {
    if (refused !== undefined) throw certificateError(origin, refused.message);
    throw new LoadError('cannot-connect', `cannot connect to ${origin}: ${refusals.join('; ')}`, {
      hint: 'is the server running, and ready, at that address?',
    });
  }
  const streams = [first];
  try {
    while (streams.length < count && !signal.aborted) {
      const batch = Math.min(openingAtOnce, count - streams.length);
      streams.push(...(await Promise.all(Array.from({ length: batch }, () => openOne(chosen, settings)))));
    }
  } catch (end) {
    for (const stream of streams) stream.close();
    throw new LoadError(
      'cannot-connect',
      `only ${streams.length} of ${count} connections to ${origin} could be opened: ${messageOf(end)}`,
      { hint: 'raise the limit of open files (ulimit -n) here and at the server, or ask for fewer streams' },
    );
  }
  return { streams, newStream: () => new Stream({ ...settings, target: chosen }) };
}

async function openOne(target: Target, settings: Omit<StreamSettings, 'target'>): Promise<Stream> {
  const stream = new Stream({ ...settings, target });
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    stream.close();
  }, settings.connectTimeoutMs);
  try {
    await stream.open();
    return stream;
  } catch (end) {
    throw late ? new Error(`no answer within ${settings.connectTimeoutMs / 1000} s`, { cause: end }) : end;
  } finally {
    clearTimeout(deadline);
  }
}

function isOfCertificate(end: unknown): end is ConnectionEnd {
  return typeof end === 'object' && end !== null && 'class' in end && end.class === refusedCertificate;
}

function messageOf(end: unknown): string {
  return typeof end === 'object' && end !== null && 'message' in end ? String(end.message) : String(end);
}
