import { availableParallelism } from 'node:os';
import { backends } from './backends/index.ts';
import { nowMs } from './clock.ts';
import { countKeptTexts, type TokenizerCheck } from './count-tokens.ts';
import { type PromptPlan, planPrompts } from './datasets/prepare.ts';
import { loadTokenizer } from './datasets/tokenizer-words.ts';
import { clockResolutionMs } from './fidelity/clock.ts';
import { meanInFlight, peakInFlight } from './fidelity/concurrency.ts';
import { type LoopLag, worstLoopLag } from './fidelity/loop-lag.ts';
import { type Fidelity, type FidelityFacts, judge } from './fidelity/verdict.ts';
import { backendFor, type Lane, type LocalLane, openLane, openPool, type Phase } from './lane.ts';
import { latenciesOf, sendDelaysMs } from './latencies.ts';
import { LoadError } from './load-error.ts';
import { arrivalsOf, checkLoadTest, type LoadTest } from './load-test.ts';
import { type LoadProgress, progressOf } from './progress.ts';
import { type RawResult, rawResult } from './raw-result.ts';
import { RequestLog, RequestState, requestColumns } from './request-log.ts';
import { quantileOfSorted } from './statistics/summary.ts';
import { newCounters, type StreamCounters } from './stream.ts';
import { startThread } from './threads.ts';

const lateSendMs = 1;
const progressIntervalMs = 500;
/** One thread carries so many streams well. */
const streamsPerThread = 2048;
/** By when all threads have heard that the clock is to start. */
const threadsStartInMs = 20;

export interface LoadContext {
  /** Ends the test early: the result is then of what was done, marked partial. */
  readonly signal: AbortSignal;
  /** Told twice a second how the measured part stands, and once at its end. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Runs one load test: opens the connections, sends the warm-up, then measures.
 * Throws LoadError: `bad-test`, `cannot-connect`, `unsupported`, or `all-failed` with the commonest error.
 */
export async function runLoadTest(test: LoadTest, { signal, onProgress }: LoadContext): Promise<RawResult> {
  checkLoadTest(test);
  const { lanes, plan } = await openLanes(test, signal);
  try {
    const cursors = { warmup: newCursor(), measured: newCursor() };
    await Promise.all(lanes.map((lane) => lane.prepare(plan, cursors)));
    if (test.warmupRequests > 0) await warmUp(test, lanes, signal);
    return await measure(test, lanes, { signal, ...(onProgress === undefined ? {} : { onProgress }) });
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** How many threads a test runs on where it does not say. */
export function threadsFor({ threads, maxConcurrency, numPrompts }: LoadTest): number {
  const streams = Math.min(maxConcurrency, numPrompts);
  // How many an open loop without a bound will need is not known.
  const enough = Number.isFinite(maxConcurrency) ? Math.ceil(streams / streamsPerThread) : 1;
  return Math.min(streams, threads ?? Math.min(availableParallelism(), enough));
}

async function openLanes(test: LoadTest, signal: AbortSignal): Promise<{ lanes: Lane[]; plan: PromptPlan }> {
  const backend = backends[backendFor(test)];
  const threads = threadsFor(test);
  if (threads === 1) {
    const lane = await openLane(test, { number: 0, of: 1 }, signal);
    return await closingOnError([lane], async () => ({
      lanes: [lane],
      plan: await planPrompts(test, backend, async () => firstStream(lane), signal),
    }));
  }
  const plan = await planWithOwnStream(test, signal);
  const shares = Array.from({ length: threads }, (_, number) => ({ number, of: threads }));
  const started = await Promise.allSettled(shares.map((share) => startThread(test, share, signal)));
  const lanes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return await closingOnError(lanes, async () => {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    return { lanes, plan };
  });
}

/** Learns on a connection of its own how prompts are written, where that takes one. */
async function planWithOwnStream(test: LoadTest, signal: AbortSignal): Promise<PromptPlan> {
  const pools: Awaited<ReturnType<typeof openPool>>[] = [];
  const backend = backends[backendFor(test)];
  try {
    return await planPrompts(
      test,
      backend,
      async () => {
        const pool = await openPool(test, 1, signal);
        pools.push(pool);
        const [stream] = pool.streams;
        if (stream === undefined) throw new Error('no stream was opened');
        return stream;
      },
      signal,
    );
  } finally {
    for (const { streams } of pools) for (const stream of streams) stream.close();
  }
}

function firstStream(lane: LocalLane): NonNullable<LocalLane['firstStream']> {
  const stream = lane.firstStream;
  if (stream === undefined) throw new Error('no stream was opened');
  return stream;
}

async function closingOnError<T>(lanes: readonly Lane[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.close()));
    throw error;
  }
}

function newLog(length: number, lanes: readonly Lane[], detailed: boolean): RequestLog {
  return new RequestLog(requestColumns(length, { shared: lanes.length > 1 }), { detailed });
}

function newCursor(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function newPhase(kind: Phase['kind'], lanes: readonly Lane[]): Phase {
  return { kind, startMs: nowMs() + (lanes.length > 1 ? threadsStartInMs : 0) };
}

/** A server that fails its warm-up is not measured. */
async function warmUp(test: LoadTest, lanes: readonly Lane[], signal: AbortSignal): Promise<void> {
  const log = newLog(test.warmupRequests, lanes, false);
  const phase = newPhase('warmup', lanes);
  await Promise.all(lanes.map((lane) => lane.run(phase, log, signal)));
  if (!signal.aborted) throwIfAllFailed(log);
}

async function measure(
  test: LoadTest,
  lanes: readonly Lane[],
  { signal, onProgress }: LoadContext,
): Promise<RawResult> {
  const log = newLog(test.numPrompts, lanes, test.detailed ?? false);
  const resolutionMs = clockResolutionMs();
  const cpuBefore = process.cpuUsage();
  const phase = newPhase('measured', lanes);
  const { startMs } = phase;
  const date = new Date(Date.now() + startMs - nowMs());
  const clientNow = (): ClientFacts => {
    const cpu = process.cpuUsage(cpuBefore);
    const cpuShare = (cpu.user + cpu.system) / 1000 / (nowMs() - startMs);
    const vitals = lanes.map((lane) => lane.vitals());
    return {
      loopLag: worstLoopLag(vitals.map(({ loopLag }) => loopLag)),
      counters: sumOf(vitals.map(({ counters }) => counters)),
      cpuShare,
      threads: lanes.length,
      resolutionMs,
    };
  };
  const report = (): void => {
    if (onProgress === undefined) return;
    const client = clientNow();
    const { verdict } = verdictSoFar(test, client);
    onProgress(progressOf(log, client.counters, nowMs() - startMs, verdict));
  };
  const reporting = setInterval(report, progressIntervalMs);
  try {
    await Promise.all(lanes.map((lane) => lane.run(phase, log, signal)));
  } finally {
    clearInterval(reporting);
  }
  const partial = signal.aborted;
  const endMs = nowMs();
  const client = clientNow();
  report();
  await Promise.all(lanes.map((lane) => lane.close()));
  if (!partial) throwIfAllFailed(log);
  const check = await countTokens(test, log);
  const durationMs = (partial ? endMs : lastEndMs(log)) - startMs;
  const fidelity = judge(factsOf(test, log, client, check, partial));
  return rawResult(test, log, { date, startMs, durationMs, partial, fidelity });
}

/** What the client's own process went through. */
interface ClientFacts {
  readonly loopLag: LoopLag;
  readonly counters: StreamCounters;
  readonly cpuShare: number;
  readonly threads: number;
  readonly resolutionMs: number;
}

/** Counts by the tokenizer's file what the server did not count, and a sample of what it did. */
async function countTokens(test: LoadTest, log: RequestLog): Promise<TokenizerCheck | undefined> {
  const { tokenizerFile, ignoreEos } = test;
  if (tokenizerFile === undefined || log.keptTexts.length === 0) return undefined;
  const { count } = await loadTokenizer(tokenizerFile);
  return countKeptTexts(log, { countTokens: count, ignoreEos });
}

function factsOf(
  test: LoadTest,
  log: RequestLog,
  client: ClientFacts,
  tokenizerCheck: TokenizerCheck | undefined,
  partial: boolean,
): FidelityFacts {
  const sent = (column: Float64Array): Float64Array =>
    column.filter((_, index) => log.state[index] !== RequestState.unsent && (log.startMs[index] ?? 0) > 0);
  const delaysMs = sendDelaysMs(log).sort();
  const starts = sent(log.startMs);
  const ends = sent(log.endMs);
  return {
    ...cheapFacts(test, client),
    ...(tokenizerCheck === undefined ? {} : { tokenizer_check: tokenizerCheck }),
    output_length_mismatches:
      (log.troubles.get('short-reply')?.count ?? 0) + (log.troubles.get('long-reply')?.count ?? 0),
    partial,
    medianTtftMs: quantileOfSorted(latenciesOf(log, 'due').ttftMs.sort(), 0.5),
    achieved_concurrency: meanInFlight(starts, ends),
    peak_concurrency: peakInFlight(starts, ends),
    ...rates(log),
    late_sends: delaysMs.filter((delayMs) => delayMs > lateSendMs).length,
    send_delay_p99_ms: quantileOfSorted(delaysMs, 0.99),
  };
}

/** Sends per second as an open loop meant them and as they were, from the first to the last. */
function rates(log: RequestLog): Pick<FidelityFacts, 'asked_rate' | 'achieved_rate'> {
  const wasSent = (index: number): boolean =>
    log.state[index] !== RequestState.unsent && !Number.isNaN(log.scheduledMs[index]);
  const rateOf = (column: Float64Array): number => {
    const timesMs = column.filter((_, index) => wasSent(index)).sort();
    const spanMs = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0);
    return spanMs > 0 ? (1000 * (timesMs.length - 1)) / spanMs : 0;
  };
  const asked = rateOf(log.scheduledMs);
  return asked > 0 ? { asked_rate: asked, achieved_rate: rateOf(log.startMs) } : {};
}

/** A verdict without what takes sorting: that would hold up the reading of replies while the clock runs. */
function verdictSoFar(test: LoadTest, client: ClientFacts): Fidelity {
  const facts = cheapFacts(test, client);
  const asked = facts.asked_concurrency ?? client.counters.inFlight;
  return judge({
    ...facts,
    // Before the first reply nothing has gone wrong yet.
    completed: Math.max(1, facts.completed),
    partial: false,
    medianTtftMs: 0,
    achieved_concurrency: asked,
    peak_concurrency: asked,
    late_sends: 0,
    send_delay_p99_ms: 0,
  });
}

function cheapFacts(test: LoadTest, { loopLag, counters, cpuShare, threads, resolutionMs }: ClientFacts) {
  return {
    numPrompts: test.numPrompts,
    completed: counters.completed,
    failed: counters.failed,
    idlesOnPurpose: arrivalsOf(test) !== undefined || hasPauses(test),
    asked_concurrency: Number.isFinite(test.maxConcurrency)
      ? Math.min(test.maxConcurrency, test.numPrompts)
      : null,
    loop_lag_ms: { p50: loopLag.p50Ms, p99: loopLag.p99Ms, max: loopLag.maxMs },
    client_cpu_share: cpuShare,
    client_threads: threads,
    clock_resolution_ms: resolutionMs,
    reconnects: counters.reconnects,
    prompt_token_mismatches: counters.promptTokenMismatches,
    output_length_mismatches: counters.outputLengthMismatches,
    replies_without_usage: counters.repliesWithoutUsage,
    replies_counted_by_tokenizer: counters.repliesCountedByTokenizer,
    usage_conflicts: counters.usageConflicts,
  };
}

function hasPauses({ dataset }: LoadTest): boolean {
  return (
    dataset.kind === 'conversations' &&
    dataset.conversations.some((turns) => turns.some(({ pauseS }, turn) => turn > 0 && pauseS > 0))
  );
}

function throwIfAllFailed(log: RequestLog): void {
  if (log.count(RequestState.completed) > 0) return;
  const [worst] = [...log.troubles.values()].filter(({ failed }) => failed).sort((a, b) => b.count - a.count);
  throw new LoadError(
    'all-failed',
    `all ${log.length} requests failed${worst === undefined ? '' : `, most often with ${worst.class}: ${worst.example}`}`,
    {
      hint: 'try one request by hand, and look at the server’s log',
      ...(worst === undefined ? {} : { trouble: worst.class }),
    },
  );
}

function lastEndMs(log: RequestLog): number {
  return log.endMs.reduce((latest, atMs) => Math.max(latest, atMs), 0);
}

function sumOf(all: readonly Readonly<StreamCounters>[]): StreamCounters {
  const sum = newCounters();
  for (const counters of all) {
    for (const name of counterNames) sum[name] += counters[name];
  }
  return sum;
}

const counterNames = Object.keys(newCounters()).filter(
  (name): name is keyof StreamCounters => name in newCounters(),
);
