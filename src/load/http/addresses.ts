import { nowMs } from '../clock.ts';
import { LoadError } from '../load-error.ts';
import { eachServerOf, type LoadTest } from '../load-test.ts';
import type { AddressUse } from '../result-schema.ts';
import { transportFor } from '../transports/index.ts';
import type { ConnectionEnd, ConnectionTarget, Server, Transport } from '../transports/transport.ts';
import { certificateError, refusedCertificate } from './certificate.ts';
import { parseServerUrl } from './server-url.ts';

/** Where the streams of a test connect: plain data, the same for all threads. */
export interface ServerAddresses {
  /** The server's name in messages. */
  readonly origin: string;
  /** At least one. */
  readonly reachable: readonly ConnectionTarget[];
  /** Addresses of the same name that did not answer, with the reason. */
  readonly skipped: readonly SkippedAddress[];
}

export interface SkippedAddress {
  readonly target: ConnectionTarget;
  readonly reason: string;
}

/** How long to wait for the other addresses of a name after the first one answered. */
const patienceMs = 3000;
/** The limit of setTimeout. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Finds the server's addresses and, if there are several, which of them accept connections. Throws LoadError
 * `cannot-connect` if none does.
 */
export async function findAddresses(
  test: Server & Pick<LoadTest, 'otherBaseUrls'>,
  context: { readonly connectTimeoutMs: number; readonly signal: AbortSignal },
): Promise<ServerAddresses> {
  const found = await Promise.all(eachServerOf(test).map((server) => addressesOf(server, context)));
  return {
    origin: found.map(({ origin }) => origin).join(', '),
    reachable: found.flatMap(({ reachable }, server) => reachable.map((target) => ({ ...target, server }))),
    skipped: found.flatMap(({ skipped }) => skipped),
  };
}

async function addressesOf(
  server: Server,
  { connectTimeoutMs, signal }: { readonly connectTimeoutMs: number; readonly signal: AbortSignal },
): Promise<ServerAddresses> {
  const { origin } = parseServerUrl(server.baseUrl);
  const transport = transportFor(server.baseUrl);
  const targets = await transport.targets(server);
  if (targets.length === 1) return { origin, reachable: targets, skipped: [] };
  const ends = await tryAll(transport, targets, connectTimeoutMs, signal);
  signal.throwIfAborted();
  const reachable = targets.filter((_, index) => ends[index] === undefined);
  const refused = targets.flatMap((target, index) => {
    const end = ends[index];
    return end === undefined ? [] : [{ target, end }];
  });
  if (reachable.length === 0) throw cannotConnect(origin, refused);
  return {
    origin,
    reachable,
    skipped: refused.map(({ target, end }) => ({ target, reason: end.message })),
  };
}

/**
 * How each address of a name was used, from the requests that each thread sent to the reachable ones; undefined for a
 * server, or several, with a single address each.
 */
export function addressUse(
  { reachable, skipped }: ServerAddresses,
  requestsByThread: readonly (readonly number[])[],
): readonly AddressUse[] | undefined {
  const servers = new Set(reachable.map(({ server = 0 }) => server));
  if (reachable.length + skipped.length === servers.size) return undefined;
  return [
    ...reachable.map(({ name }, place) => ({
      address: name,
      requests: requestsByThread.reduce((sum, requests) => sum + (requests[place] ?? 0), 0),
    })),
    ...skipped.map(({ target, reason }) => ({ address: target.name, requests: 0, skipped: reason })),
  ];
}

/** The error for a server that could not be reached at any address. */
export function cannotConnect(
  origin: string,
  refused: readonly { readonly target: ConnectionTarget; readonly end: ConnectionEnd }[],
): LoadError {
  const certificate = refused.find(({ end }) => end.class === refusedCertificate);
  if (certificate !== undefined) return certificateError(origin, certificate.end.message);
  const reasons = refused.map(({ target, end }) => `${placeOf(target)}: ${end.message}`);
  return new LoadError('cannot-connect', `cannot connect to ${origin}: ${reasons.join('; ')}`, {
    hint: 'check that the server is running and ready at that address',
  });
}

/** A timer's delay for a timeout of any length. */
export function timerMs(timeoutMs: number): number {
  return Math.min(timeoutMs, longestTimerMs);
}

function placeOf({ name, place }: ConnectionTarget): string {
  return 'port' in place ? `${name} port ${place.port}` : name;
}

/** Why each target could not be connected to; undefined if it could. */
async function tryAll(
  transport: Transport,
  targets: readonly ConnectionTarget[],
  connectTimeoutMs: number,
  signal: AbortSignal,
): Promise<readonly (ConnectionEnd | undefined)[]> {
  if (signal.aborted) return [];
  const late = new AbortController();
  const startMs = nowMs();
  const giveUpAt = (atMs: number): NodeJS.Timeout =>
    setTimeout(() => late.abort(), timerMs(Math.max(0, atMs - nowMs())));
  let timer = giveUpAt(startMs + connectTimeoutMs);
  let answered = false;
  const onAnswer = (): void => {
    if (answered) return;
    answered = true;
    clearTimeout(timer);
    timer = giveUpAt(Math.min(nowMs() + patienceMs, startMs + connectTimeoutMs));
  };
  try {
    return await Promise.all(
      targets.map((target) => tryOne(transport, target, AbortSignal.any([late.signal, signal]), onAnswer)),
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a connection and closes it again. */
async function tryOne(
  transport: Transport,
  target: ConnectionTarget,
  late: AbortSignal,
  onAnswer: () => void,
): Promise<ConnectionEnd | undefined> {
  const { promise, resolve } = Promise.withResolvers<ConnectionEnd | undefined>();
  const ignore = (): void => {};
  const connection = transport.connect({
    onOpen: () => {
      onAnswer();
      resolve(undefined);
      connection.abort({ class: 'closed', message: 'this was only a connection test' });
    },
    onClose: resolve,
    onRead: ignore,
    onHead: ignore,
    onBody: ignore,
    onEnd: ignore,
  });
  late.addEventListener(
    'abort',
    () => connection.abort({ class: 'connect-timeout', message: 'no answer in time' }),
    { once: true },
  );
  connection.open(target);
  return await promise;
}
