import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../defined/defined.ts';
import { troubleOf } from '../trouble.ts';
import { type BeyondServer, besideClient, type ClientFigures } from './beside-client.ts';
import { CounterReset } from './increases.ts';
import type { PublishedMetrics } from './metric-names.ts';
import { type ServerFigures, serverFigures } from './server-figures.ts';

/** What the server says of a measurement in its own metrics, or why it says nothing. */
export type ServerReport =
  | ({
      readonly state: 'read';
      /** Whose names the metrics have, such as `vLLM`. */
      readonly engine: string;
      /** Without credentials. */
      readonly urls: readonly string[];
      /** Between the two readings, seconds: what is measured lies within. */
      readonly window_s: number;
      /** Requests in these figures that are not the client's; null if that is not known. */
      readonly other_requests: number | null;
      readonly notes?: readonly string[];
    } & ServerFigures)
  | { readonly state: 'unavailable'; readonly reason: string };

/** What is read of a server, or why nothing is. */
export type ReadableMetrics =
  | { readonly state: 'found'; readonly engine: string; readonly metrics: PublishedMetrics }
  | { readonly state: 'unavailable'; readonly reason: string };

/** The server's account of one measurement. */
export interface ServerAccount {
  readonly metrics: ServerReport;
  /** The part that belongs to the client's fidelity; absent where nothing could be read. */
  readonly beyond?: BeyondServer;
  readonly doubts: readonly string[];
}

/**
 * How long the reading before the start may take: the connections are open by then, and servers close those that are
 * idle for some seconds.
 */
const beforeTimeoutMs = 2_000;
const afterTimeoutMs = 5_000;
/** Servers count a request a moment after its last token; so long is waited for one that has not yet. */
const settleMs = 1_000;
const settleEveryMs = 50;

interface Texts {
  readonly atMs: number;
  readonly texts: readonly string[];
}

/** The two readings of a server's metrics around a measurement. Trouble in it is words in its account, never an error. */
export class ServerReading {
  readonly #readable: ReadableMetrics;
  #before: Texts | { readonly trouble: string } | undefined;

  constructor(readable: ReadableMetrics) {
    this.#readable = readable;
  }

  /** Reads the metrics; called when nothing of the measurement has been sent, and its warm-up is over. */
  async begin(): Promise<void> {
    if (this.#readable.state === 'found')
      this.#before = await textsOf(this.#readable.metrics, beforeTimeoutMs).catch((error: unknown) => ({
        trouble: troubleOf(error),
      }));
  }

  /** Reads them again, and holds them against what the client measured. */
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

/** The figures as soon as all requests that were answered are in them, or when they no longer come. */
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
