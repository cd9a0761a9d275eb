import { defined } from '../defined/defined.ts';
import { arrivalTimesMs } from './arrivals/index.ts';
import { backendFor, backends } from './backends/index.ts';
import type { Said } from './datasets/index.ts';
import { datasetOf, type PromptPlan } from './datasets/prepare.ts';
import { type DispatchSettings, dispatch } from './dispatch.ts';
import { type LoopLag, noLoopLag, watchLoopLag } from './fidelity/loop-lag.ts';
import type { ServerAddresses } from './http/addresses.ts';
import { redactorFor } from './http/redact.ts';
import { arrivalsOf, eachServerOf, type LoadTest } from './load-test.ts';
import { ReadyQueue, type ReadyRequest } from './ready-queue.ts';
import { type KeepTexts, newCounters, type StreamCounters } from './recording.ts';
import { rehearse } from './rehearsal.ts';
import { modelPicker, requestHead } from './render-request.ts';
import type { RequestLog, TestWindow } from './request-log.ts';
import { openStreams, type PoolShare, type StreamPool } from './stream-pool.ts';
import { transportFor } from './transports/index.ts';
import { valueAt } from './unknown.ts';
import { type LaneShare, ownQueue, sessionsOf, sharedQueue, startsOf } from './work-queue.ts';

/** Connections opened in advance if concurrency is not limited; more are opened as needed. */
const unboundedStart = 64;

export type PhaseKind = 'warmup' | 'measured';

/** Position of a closed loop's lanes in the requests of each phase, in shared memory. */
export type Cursors = Readonly<Record<PhaseKind, Int32Array>>;

/** A part of a test that all threads run at the same time. */
export interface TestPhase {
  readonly kind: PhaseKind;
  /** On the monotonic clock, which all threads share. */
  readonly startMs: number;
  /** In shared memory: set to 1 when no further request is to be sent. */
  readonly stop: Int32Array;
  /** Only requests sent in it are in the figures. */
  readonly window?: TestWindow | undefined;
}

/** Current state of one thread's streams. */
export interface Vitals {
  readonly counters: Readonly<StreamCounters>;
  readonly loopLag: LoopLag;
  /** Requests sent to each reachable address of the server. */
  readonly requestsByAddress: readonly number[];
}

/** One thread's part of a test: its share of the streams, and the requests it takes. */
export interface Lane {
  /** Prepares to send prompts according to the plan. Throws LoadError `unsupported`. */
  prepare(plan: PromptPlan, cursors: Cursors): Promise<void>;
  /** Runs its part of a phase and records it in the log; ends early if the signal is aborted. */
  run(phase: TestPhase, log: RequestLog, signal: AbortSignal): Promise<void>;
  vitals(): Vitals;
  /** Abandons requests in flight and closes the connections. */
  close(): Promise<void>;
}

/** Opens connections for a lane's share of the streams. Throws LoadError `cannot-connect`. */
export async function openLane(
  test: LoadTest,
  addresses: ServerAddresses,
  share: LaneShare,
  signal: AbortSignal,
): Promise<LocalLane> {
  const unbounded = test.maxConcurrency === Number.POSITIVE_INFINITY;
  const wanted = Math.min(unbounded ? unboundedStart : test.maxConcurrency, test.numPrompts);
  const before = Array.from({ length: share.number }, (_, number) => partOf(wanted, { ...share, number }));
  const offset = before.reduce((sum, count) => sum + count, 0);
  const pool = await openPool(test, addresses, { count: partOf(wanted, share), offset }, signal);
  return new LocalLane(test, share, pool);
}

/** Opens the streams of a test. Throws LoadError `cannot-connect`. */
export function openPool(
  test: LoadTest,
  addresses: ServerAddresses,
  share: PoolShare,
  signal: AbortSignal,
): Promise<StreamPool> {
  const backend = backends[backendFor(test)];
  const servers = eachServerOf(test).map((server) => {
    const transport = transportFor(server.baseUrl);
    return { transport, frame: transport.framer(requestHead(server, backend)) };
  });
  const { requestIdPrefix, models, tokenLimitField, logprobs, urlAssignment, sessionHeader } = test;
  const settings = {
    backend,
    transports: servers.map(({ transport }) => transport),
    frames: servers.map(({ frame }) => frame),
    model: test.model,
    ignoreEos: test.ignoreEos,
    keepAnswers: test.replies === 'server',
    sampling: test.sampling ?? {},
    perChunkUsage: test.perChunkUsage ?? false,
    extraBody: test.extraBody ?? {},
    omitFields: test.omitFields ?? [],
    ...defined({
      tokenLimitField,
      logprobs,
      urlAssignment,
      // The seed keeps the conversations of two tests apart.
      sessionHeader:
        sessionHeader === undefined ? undefined : { name: sessionHeader, prefix: `${test.seed}-` },
      requestIdPrefix: requestIdPrefix === undefined ? undefined : shardPrefix(requestIdPrefix, test),
      modelOf: models === undefined ? undefined : modelPicker(models, test.seed),
    }),
    redact: redactorFor(test),
    connectTimeoutMs: test.connectTimeoutS * 1000,
    stallTimeoutMs: test.stallTimeoutS * 1000,
    requestTimeoutMs:
      test.requestTimeoutS === undefined ? Number.POSITIVE_INFINITY : test.requestTimeoutS * 1000,
    server: { endsBodies: false, leavesOpen: false, omitsCounts: false },
  };
  return openStreams(addresses, share, settings, signal);
}

/** Keeps the request ids of two shards of a test distinct. */
export function shardPrefix(prefix: string, { shard }: Pick<LoadTest, 'shard'>): string {
  return shard === undefined ? prefix : `${prefix}${shard.number}-`;
}

function partOf(count: number, { number, of }: LaneShare): number {
  return Math.floor(count / of) + (number < count % of ? 1 : 0);
}

/** What a lane sends in a phase. */
type Work = Pick<DispatchSettings, 'dataset' | 'queue' | 'arrivalsMs'>;

/** This many requests per stream are kept at the end for whichever thread is free. */
const lastRounds = 2;

/** A lane that runs in this thread. */
export class LocalLane implements Lane {
  readonly #test: LoadTest;
  readonly #share: LaneShare;
  readonly #pool: StreamPool;
  #keepTexts: KeepTexts = 'none';
  #work: Partial<Record<PhaseKind, Work>> = {};
  #counters = newCounters();
  #loopLag: () => LoopLag = () => noLoopLag;

  constructor(test: LoadTest, share: LaneShare, pool: StreamPool) {
    this.#test = test;
    this.#share = share;
    this.#pool = pool;
  }

  async prepare(plan: PromptPlan, cursors: Cursors): Promise<void> {
    this.#keepTexts = plan.keepTexts;
    rehearse(backends[backendFor(this.#test)], this.#pool.streams.length);
    const measured = this.#workOf('measured', plan, cursors);
    measured.queue.fill(this.#pool.streams.length);
    this.#work = {
      measured,
      ...defined({
        warmup: this.#test.warmupRequests > 0 ? this.#workOf('warmup', plan, cursors) : undefined,
      }),
    };
  }

  #workOf(kind: PhaseKind, plan: PromptPlan, cursors: Cursors): Work {
    const { streams } = this.#pool;
    const dataset = datasetOf(this.#test, plan, kind);
    const starts = startsOf(dataset);
    const sessions = sessionsOf(dataset);
    const arrivals = kind === 'measured' ? arrivalsOf(this.#test) : undefined;
    // Near the end, each thread takes only what it can send immediately.
    const kept = this.#share.of === 1 ? 0 : lastRounds * Math.min(this.#test.maxConcurrency, starts.length);
    const queue =
      arrivals === undefined ? sharedQueue(starts, cursors[kind], kept) : ownQueue(starts, this.#share);
    const make = (index: number, said?: Said): ReadyRequest => {
      const [stream] = streams;
      if (stream === undefined) throw new Error('a lane without streams cannot send');
      return stream.render(dataset.prompt(index, said), {
        index,
        session: valueAt(sessions, index),
        phase: kind,
      });
    };
    return {
      dataset,
      queue: new ReadyQueue(queue, make, streams.length),
      ...defined({
        arrivalsMs:
          arrivals === undefined ? undefined : arrivalTimesMs(arrivals, dataset.length, this.#test.seed),
      }),
    };
  }

  /** The ramp of a closed loop, over the streams of all lanes. */
  #firstSendsMs(): number[] | undefined {
    const { concurrencyRampS, maxConcurrency } = this.#test;
    if (concurrencyRampS === undefined) return undefined;
    const { number, of } = this.#share;
    return this.#pool.streams.map(
      (_, index) => (1000 * concurrencyRampS * (index * of + number)) / maxConcurrency,
    );
  }

  async run({ kind, startMs, stop }: TestPhase, log: RequestLog, signal: AbortSignal): Promise<void> {
    const work = this.#work[kind];
    if (work === undefined) throw new Error('run() was called before prepare()');
    const unbounded = this.#test.maxConcurrency === Number.POSITIVE_INFINITY;
    const counters = newCounters();
    this.#counters = counters;
    this.#pool.addresses.resetCounts();
    const lag = watchLoopLag();
    this.#loopLag = lag.read;
    try {
      await dispatch(this.#pool.streams, {
        ...work,
        ...defined({ grow: unbounded ? this.#pool.newStream : undefined }),
        recording: { log, counters, keepTexts: kind === 'measured' ? this.#keepTexts : 'none' },
        keepReplies: this.#test.replies === 'server',
        startMs,
        stop,
        ...defined({ firstSendsMs: kind === 'measured' ? this.#firstSendsMs() : undefined }),
        signal,
      });
    } finally {
      lag.stop();
    }
  }

  vitals(): Vitals {
    return {
      counters: this.#counters,
      loopLag: this.#loopLag(),
      requestsByAddress: [...this.#pool.addresses.requests],
    };
  }

  async close(): Promise<void> {
    for (const stream of this.#pool.streams) stream.close();
  }
}
