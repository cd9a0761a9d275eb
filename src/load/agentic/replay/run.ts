import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from '../../clock.ts';
import { vocabularyOf } from '../../datasets/vocabulary.ts';
import { clockResolutionMs } from '../../fidelity/clock.ts';
import type { ClientFacts } from '../../fidelity/facts.ts';
import { watchLoopLag } from '../../fidelity/loop-lag.ts';
import { addressUse, findAddresses } from '../../http/addresses.ts';
import { openPool } from '../../lane.ts';
import { LoadError } from '../../load-error.ts';
import type { LoadTest } from '../../load-test.ts';
import { learnPrompts } from '../../open-lanes.ts';
import { type CacheResetOutcome, resetPrefixCache } from '../../prefix-cache/reset.ts';
import type { RequestLog } from '../../request-log.ts';
import { PromptText } from './prompt-text.ts';
import type { AgentReplay } from './replay.ts';
import type { ReplayRecord } from './request-record.ts';
import { type IdleJumps, ReplaySchedule, type ReplaySend } from './schedule.ts';
import { ReplaySender } from './sender.ts';

/** What a replay did. Times are milliseconds on the monotonic clock. */
export interface ReplayRun {
  readonly records: readonly ReplayRecord[];
  /** Start of the measured phase; null if the run ended before it. */
  readonly profilingStartMs: number | null;
  readonly endMs: number;
  readonly isCancelled: boolean;
  /** Why it ended early. */
  readonly failure: string | undefined;
  readonly plays: number;
  readonly jumps: Readonly<IdleJumps>;
  readonly forced: number;
  readonly cpuS: number;
  /** The requests of the measured phase. */
  readonly log: RequestLog;
  readonly client: ClientFacts;
  /** Whether the server emptied its prefix cache before; undefined if it was not asked to. */
  readonly cacheReset: CacheResetOutcome | undefined;
  /** Wall time minus monotonic time. */
  readonly epochMs: number;
}

export interface ReplayContext {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Called when the measured phase starts; nothing waits for it. */
  readonly onMeasuring?: () => void;
}

export interface ReplayProgress {
  readonly phase: ReplaySchedule['phase'];
  readonly completed: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly elapsedS: number;
  /** Session trees that were played to their end. */
  readonly treesDone: number;
  /** Seconds of the measured phase that are left; undefined before it. */
  readonly leftS: number | undefined;
  readonly outputTokens: number;
}

const progressIntervalMs = 1000;
const longestTimerMs = 2 ** 31 - 1;
/** A failure rate of fewer requests says nothing. */
const leastForFailure = 10;

/** Replays session trees against a server. Throws LoadError if it cannot be reached or does not take chat messages. */
export async function replayTraces(replay: AgentReplay, context: ReplayContext): Promise<ReplayRun> {
  const { signal } = context;
  const { server, trees, rules } = replay;
  if (!trees.some(({ root }) => root.turns.length > 0))
    throw new LoadError('bad-test', 'no trace has a request');
  const test = probeTest(server, rules.lanes);
  const addresses = await findAddresses(test, { connectTimeoutMs: 1000 * server.connectTimeoutS, signal });
  const { vocabulary } = await learnPrompts(test, addresses, signal);
  if (vocabulary?.kind !== 'words')
    throw new LoadError('unsupported', 'a replay needs a server that takes chat messages');
  const cacheReset = await resetPrefixCache(test, signal);
  const pool = await openPool(test, addresses, { count: rules.lanes, offset: 0 }, signal);
  const sender = new ReplaySender(pool, new PromptText(vocabularyOf(vocabulary), rules.seed), replay);
  try {
    const run = await new Running(replay, sender, context).run();
    const used = addressUse(addresses, [pool.addresses.requests]);
    return { ...run, cacheReset, client: { ...run.client, addresses: used } };
  } finally {
    sender.close();
  }
}

/** A test whose prompts are drawn words, to learn how the server counts them. */
function probeTest(server: AgentReplay['server'], lanes: number): LoadTest {
  return {
    ...server,
    dataset: { kind: 'random', inputLen: 1, outputLen: 1, rangeRatio: 1 },
    numPrompts: lanes,
    maxConcurrency: lanes,
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    warmupRequests: 0,
    useChatTemplate: true,
  };
}

class Running {
  readonly #replay: AgentReplay;
  readonly #sender: ReplaySender;
  readonly #context: ReplayContext;
  readonly #schedule: ReplaySchedule;
  readonly #records: ReplayRecord[] = [];
  readonly #startMs = nowMs();
  #completed = 0;
  #failed = 0;
  #failure: string | undefined;
  #isMeasuring = false;
  #wake = Promise.withResolvers<void>();

  constructor(replay: AgentReplay, sender: ReplaySender, context: ReplayContext) {
    this.#replay = replay;
    this.#sender = sender;
    this.#context = context;
    this.#schedule = new ReplaySchedule(replay.trees, replay.rules, this.#nowS());
  }

  #nowS(): number {
    return nowMs() / 1000;
  }

  async run(): Promise<Omit<ReplayRun, 'cacheReset'>> {
    const resolutionMs = clockResolutionMs();
    const lag = watchLoopLag();
    const cpu = process.cpuUsage();
    const epochMs = Date.now() - nowMs();
    const reporting = setInterval(() => this.#report(), progressIntervalMs);
    const { signal } = this.#context;
    const stop = (): void => this.#wake.resolve();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted && this.#failure === undefined && !this.#isOver()) await this.#step();
      this.#schedule.stop();
      await this.#drain(signal);
    } finally {
      lag.stop();
      clearInterval(reporting);
      signal.removeEventListener('abort', stop);
    }
    this.#report();
    const { user, system } = process.cpuUsage(cpu);
    const endMs = nowMs();
    const { profilingStartS, plays, jumps, forced } = this.#schedule;
    return {
      records: this.#records,
      profilingStartMs: profilingStartS === undefined ? null : 1000 * profilingStartS,
      endMs,
      isCancelled: signal.aborted,
      failure: this.#failure,
      plays,
      jumps,
      forced,
      cpuS: (user + system) / 1e6,
      epochMs,
      log: this.#sender.measured.whole(),
      client: {
        loopLag: lag.read(),
        counters: this.#sender.counters,
        cpuShare: (user + system) / 1000 / (endMs - this.#startMs),
        threads: 1,
        resolutionMs,
      },
    };
  }

  #endS(): number {
    const { profilingStartS } = this.#schedule;
    return profilingStartS === undefined
      ? Number.POSITIVE_INFINITY
      : profilingStartS + this.#replay.durationS;
  }

  #isOver(): boolean {
    return this.#nowS() >= this.#endS();
  }

  /** Sends what is due, and waits for the next event. */
  async #step(): Promise<void> {
    const nowS = this.#nowS();
    for (const send of this.#schedule.advance(nowS)) this.#send(send);
    if (!this.#isMeasuring && this.#schedule.phase === 'profiling') {
      this.#isMeasuring = true;
      this.#context.onMeasuring?.();
    }
    const untilS = Math.min(this.#schedule.wakeS() ?? Number.POSITIVE_INFINITY, this.#endS());
    const waitMs = Math.max(0, Math.min(longestTimerMs, 1000 * (untilS - this.#nowS())));
    const timer = Number.isFinite(untilS) ? setTimeout(() => this.#wake.resolve(), waitMs) : undefined;
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers<void>();
  }

  #send(send: ReplaySend): void {
    this.#sender.send(send, (record) => {
      this.#records.push(record);
      if (record.outcome === 'completed') this.#completed++;
      else this.#failed++;
      this.#judge(record);
      this.#schedule.ended(send, this.#nowS(), record.outcome === 'cancelled' ? 'failed' : record.outcome);
      this.#wake.resolve();
    });
  }

  #judge({ send, outcome, error }: ReplayRecord): void {
    if (outcome !== 'failed') return;
    const reason = error === undefined ? '' : `: ${error.type}: ${error.message}`;
    if (send.phase !== 'profiling' && send.conversation.parent === undefined) {
      this.#failure ??= `a request of the warm-up of ${send.conversation.id} failed${reason}`;
    }
    const all = this.#completed + this.#failed;
    if (all >= leastForFailure && this.#failed > this.#replay.mostFailed * all) {
      this.#failure ??= `${this.#failed} of ${all} requests failed, the last${reason}`;
    }
  }

  /** Lets requests in flight end, and cancels those that take too long. */
  async #drain(signal: AbortSignal): Promise<void> {
    const endMs = nowMs() + 1000 * (signal.aborted || this.#failure !== undefined ? 0 : this.#replay.graceS);
    while (this.#schedule.inFlight > 0 && nowMs() < endMs && !signal.aborted) {
      const timeout = wait(Math.max(1, endMs - nowMs()), undefined, { ref: false });
      await Promise.race([this.#wake.promise, timeout]);
      this.#wake = Promise.withResolvers<void>();
    }
    this.#sender.cancelAll();
  }

  #report(): void {
    this.#context.onProgress?.({
      phase: this.#schedule.phase,
      completed: this.#completed,
      failed: this.#failed,
      inFlight: this.#schedule.inFlight,
      elapsedS: (nowMs() - this.#startMs) / 1000,
      treesDone: this.#schedule.playsDone,
      leftS: Number.isFinite(this.#endS()) ? Math.max(0, this.#endS() - this.#nowS()) : undefined,
      outputTokens: this.#sender.counters.outputTokens,
    });
  }
}

/** An id of a run, for its cache markers. */
export function newRunId(): string {
  return randomUUID();
}
