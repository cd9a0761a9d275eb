import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../defined/defined.ts';
import { troubleOf } from '../trouble.ts';
import { type BeyondServer, besideClient, type ClientFigures } from './beside-client.ts';
import { CounterReset } from './increases.ts';
import type { PublishedMetrics } from './metric-names.ts';
import { type ServerFigures, serverFigures } from './server-figures.ts';

/** The server's metrics for a measurement, or why they are missing. */
export type ServerReport =
  | ({
      readonly state: 'read';
      /** The engine whose metric names were found, such as `vLLM`. */
      readonly engine: string;
      /** Without credentials. */
      readonly urls: readonly string[];
      /** Seconds between the two readings, which enclose the measurement. */
      readonly window_s: number;
      /** Requests of other clients in these figures; null if unknown. */
      readonly other_requests: number | null;
      readonly notes?: readonly string[];
    } & ServerFigures)
  | { readonly state: 'unavailable'; readonly reason: string };

/** The metrics that can be read from a server, or why there are none. */
export type ReadableMetrics =
  | { readonly state: 'found'; readonly engine: string; readonly metrics: PublishedMetrics }
  | { readonly state: 'unavailable'; readonly reason: string };

/** The server's account of one measurement. */
export interface ServerAccount {
  readonly metrics: ServerReport;
  /** The part that belongs to the client's fidelity; absent if nothing could be read. */
  readonly beyond?: BeyondServer;
  readonly doubts: readonly string[];
}

/**
 * Timeout of the reading before the start. It is short because the connections are open by then, and servers close
 * those that are idle for some seconds.
 */
const beforeTimeoutMs = 2_000;
const afterTimeoutMs = 5_000;
/** Servers count a request shortly after its last token; how long to wait for missing ones. */
const settleMs = 1_000;
const settleEveryMs = 50;

interface Texts {
  readonly atMs: number;
  readonly texts: readonly string[];
}

/**
 * The two readings of a server's metrics around a measurement. Failures are described in its account, and are never
 * errors.
 */
export class ServerReading {
  readonly #readable: ReadableMetrics;
  #before: Texts | { readonly trouble: string } | undefined;

  constructor(readable: ReadableMetrics) {
    this.#readable = readable;
  }

  /** Reads the metrics. Call it after the warm-up, before any measured request is sent. */
  async begin(): Promise<void> {
    if (this.#readable.state === 'found')
      this.#before = await textsOf(this.#readable.metrics, beforeTimeoutMs).catch((error: unknown) => ({
        trouble: troubleOf(error),
      }));
  }

  /** Reads them again, and compares them with what the client measured. */
  async end(client: ClientFigures): Promise<ServerAccount> {
    const readable = this.#readable;
    const before = this.#before;
    if (readable.state === 'unavailable') return unavailable(readable.reason);
    if (before === undefined) return unavailable('they were not read before the measurement');
    if ('trouble' in before) return unavailable(before.trouble);
    try {
      const { figures, window_s } = await settled(readable.metrics, before, client.completed);
      const { beyond_server_ms, other_requests, notes, doubts } = besideClient(figures, client);
      return {
        metrics: {
          state: 'read',
          engine: readable.engine,
          urls: readable.metrics.places.map(({ url }) => url),
          window_s,
          other_requests,
          ...figures,
          ...defined({ notes: notes.length === 0 ? undefined : notes }),
        },
        beyond: beyond_server_ms,
        doubts,
      };
    } catch (error) {
      if (error instanceof CounterReset) {
        const reason = `the server was restarted during the measurement: ${error.message}`;
        return { metrics: { state: 'unavailable', reason }, doubts: [reason] };
      }
      return unavailable(`not read after the measurement: ${troubleOf(error)}`);
    }
  }
}

function unavailable(reason: string): ServerAccount {
  return { metrics: { state: 'unavailable', reason }, doubts: [] };
}

/** The figures once they include all completed requests, or after the timeout. */
async function settled(metrics: PublishedMetrics, before: Texts, completed: number) {
  const untilMs = performance.now() + settleMs;
  for (;;) {
    const { atMs, texts } = await textsOf(metrics, afterTimeoutMs);
    const figures = serverFigures({ before: before.texts, after: texts }, metrics);
    const { finished_requests: finished } = figures;
    if (finished === null || finished >= completed || performance.now() > untilMs)
      return { figures, window_s: (atMs - before.atMs) / 1000 };
    await delay(settleEveryMs);
  }
}

async function textsOf({ places }: PublishedMetrics, timeoutMs: number): Promise<Texts> {
  const texts = await Promise.all(places.map(async ({ read }) => await read(timeoutMs)));
  return { atMs: performance.now(), texts };
}
