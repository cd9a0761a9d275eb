import { arrivalTimesMs } from './arrivals/index.ts';
import { type BackendName, backends } from './backends/index.ts';
import type { Dataset } from './datasets/index.ts';
import { datasetOf, type PromptPlan } from './datasets/prepare.ts';
import { dispatch } from './dispatch.ts';
import { type LoopLag, noLoopLag, watchLoopLag } from './fidelity/loop-lag.ts';
import { arrivalsOf, type LoadTest } from './load-test.ts';
import type { RequestLog } from './request-log.ts';
import { newCounters, type Stream, type StreamCounters } from './stream.ts';
import { openStreams, type StreamPool } from './stream-pool.ts';
import { type LaneShare, ownQueue, sharedQueue, startsOf } from './work-queue.ts';

/** Connections opened beforehand where concurrency has no bound; more are opened when they are needed. */
const unboundedStart = 64;

/** A part of a test that all threads do at the same time. */
export interface Phase {
  readonly kind: 'warmup' | 'measured';
  /** Where the lanes of a closed loop are in the list of requests: memory that they share. */
  readonly cursor: Int32Array;
  /** On the monotonic clock, which all threads share. */
  readonly startMs: number;
}

/** How the streams of one thread stand. */
export interface Vitals {
  readonly counters: Readonly<StreamCounters>;
  readonly loopLag: LoopLag;
}

/** What one thread does of a test: its share of the streams, and the requests it takes. */
export interface Lane {
  /** Makes ready to send prompts written as planned. Throws LoadError `unsupported`. */
  prepare(plan: PromptPlan): Promise<void>;
  /** Does its part of a phase, recorded in the log; ends early when the signal is aborted. */
  run(phase: Phase, log: RequestLog, signal: AbortSignal): Promise<void>;
  vitals(): Vitals;
  /** Abandons what is in flight and closes the connections. */
  close(): Promise<void>;
}

/** A chat template is applied by the server, which does so on its chat endpoint; a known endpoint tells the rest. */
export function backendFor({ useChatTemplate, endpoint, backend }: LoadTest): BackendName {
  if (useChatTemplate || endpoint?.endsWith('/chat/completions') === true) return 'openai-chat';
  if (endpoint?.endsWith('/completions') === true) return 'openai';
  return backend;
}

/** Opens connections for a lane's share of the streams. Throws LoadError `cannot-connect`. */
export async function openLane(test: LoadTest, share: LaneShare, signal: AbortSignal): Promise<LocalLane> {
  const unbounded = test.maxConcurrency === Number.POSITIVE_INFINITY;
  const wanted = Math.min(unbounded ? unboundedStart : test.maxConcurrency, test.numPrompts);
  return new LocalLane(test, share, await openPool(test, partOf(wanted, share), signal));
}

/** Opens streams of a test. Throws LoadError `cannot-connect`. */
export function openPool(test: LoadTest, count: number, signal: AbortSignal): Promise<StreamPool> {
  const backend = backends[backendFor(test)];
  const settings = {
    backend,
    path: test.endpoint ?? backend.path,
    model: test.model,
    ignoreEos: test.ignoreEos,
    sampling: test.sampling ?? {},
    perChunkUsage: test.perChunkUsage ?? false,
    extraBody: test.extraBody ?? {},
    headers: test.headers ?? {},
    connectTimeoutMs: test.connectTimeoutS * 1000,
    stallTimeoutMs: test.stallTimeoutS * 1000,
    requestTimeoutMs:
      test.requestTimeoutS === undefined ? Number.POSITIVE_INFINITY : test.requestTimeoutS * 1000,
  };
  return openStreams(test.baseUrl, count, settings, signal);
}

function partOf(count: number, { number, of }: LaneShare): number {
  return Math.floor(count / of) + (number < count % of ? 1 : 0);
}

/** A lane of this thread. */
export class LocalLane implements Lane {
  readonly #test: LoadTest;
  readonly #share: LaneShare;
  readonly #pool: StreamPool;
  #plan: PromptPlan | undefined;
  #datasets: Partial<Record<Phase['kind'], Dataset>> = {};
  #counters = newCounters();
  #loopLag: () => LoopLag = () => noLoopLag;

  constructor(test: LoadTest, share: LaneShare, pool: StreamPool) {
    this.#test = test;
    this.#share = share;
    this.#pool = pool;
  }

  /** A stream to learn with before the lane runs. */
  get firstStream(): Stream | undefined {
    return this.#pool.streams[0];
  }

  async prepare(plan: PromptPlan): Promise<void> {
    this.#plan = plan;
    this.#datasets = {
      measured: datasetOf(this.#test, plan, 'measured'),
      ...(this.#test.warmupRequests > 0 ? { warmup: datasetOf(this.#test, plan, 'warmup') } : {}),
    };
  }

  async run({ kind, cursor, startMs }: Phase, log: RequestLog, signal: AbortSignal): Promise<void> {
    const dataset = this.#datasets[kind];
    if (dataset === undefined) throw new Error('a lane was run before it was prepared');
    const test = this.#test;
    const arrivals = kind === 'measured' ? arrivalsOf(test) : undefined;
    const starts = startsOf(dataset);
    const openLoop = {
      ...(arrivals === undefined ? {} : { arrivalsMs: arrivalTimesMs(arrivals, dataset.length, test.seed) }),
      ...(test.maxConcurrency === Number.POSITIVE_INFINITY ? { grow: this.#pool.newStream } : {}),
    };
    const counters = newCounters();
    this.#counters = counters;
    const lag = watchLoopLag();
    this.#loopLag = lag.read;
    try {
      await dispatch(this.#pool.streams, {
        dataset,
        queue: arrivals === undefined ? sharedQueue(starts, cursor) : ownQueue(starts, this.#share),
        recording: {
          log,
          counters,
          keepTexts: kind === 'measured' ? (this.#plan?.keepTexts ?? 'none') : 'none',
        },
        startMs,
        signal,
        ...openLoop,
      });
    } finally {
      lag.stop();
    }
  }

  vitals(): Vitals {
    return { counters: this.#counters, loopLag: this.#loopLag() };
  }

  async close(): Promise<void> {
    for (const stream of this.#pool.streams) stream.close();
  }
}
