import { arrivalTimesMs } from './arrivals/index.ts';
import { type BackendName, backends } from './backends/index.ts';
import type { Dataset } from './datasets/index.ts';
import { prepareDataset } from './datasets/prepare.ts';
import { dispatch } from './dispatch.ts';
import { clockResolutionMs } from './fidelity/clock.ts';
import { meanInFlight, peakInFlight } from './fidelity/concurrency.ts';
import { type LoopLag, watchLoopLag } from './fidelity/loop-lag.ts';
import { type Fidelity, type FidelityFacts, judge } from './fidelity/verdict.ts';
import { latenciesOf, sendDelaysMs } from './latencies.ts';
import { LoadError } from './load-error.ts';
import { arrivalsOf, checkLoadTest, type LoadTest } from './load-test.ts';
import { type LoadProgress, progressOf } from './progress.ts';
import { type RawResult, rawResult } from './raw-result.ts';
import { RequestLog, RequestState } from './request-log.ts';
import { quantileOfSorted } from './statistics/summary.ts';
import type { Stream, StreamCounters } from './stream.ts';
import { openStreams, type StreamPool } from './stream-pool.ts';

const lateSendMs = 1;
const progressIntervalMs = 500;
/** Connections opened beforehand where concurrency has no bound; more are opened when they are needed. */
const unboundedStart = 64;

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
  const backend = backends[backendFor(test)];
  const unbounded = test.maxConcurrency === Number.POSITIVE_INFINITY;
  const pool = await openStreams(
    test.baseUrl,
    Math.min(unbounded ? unboundedStart : test.maxConcurrency, test.numPrompts),
    {
      backend,
      path: test.endpoint ?? backend.path,
      model: test.model,
      ignoreEos: test.ignoreEos,
      headers: test.headers ?? {},
      connectTimeoutMs: test.connectTimeoutS * 1000,
      stallTimeoutMs: test.stallTimeoutS * 1000,
    },
    signal,
  );
  const { streams } = pool;
  try {
    const { dataset, warmup } = await prepareDataset(test, backend, streams, signal);
    if (warmup.length > 0) await warmUp(streams, warmup, signal);
    return await measure(test, pool, dataset, {
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } finally {
    for (const stream of streams) stream.close();
  }
}

/** A chat template is applied by the server, which does so on its chat endpoint. */
function backendFor(test: LoadTest): BackendName {
  return test.useChatTemplate ? 'openai-chat' : test.backend;
}

/** A server that fails its warm-up is not measured. */
async function warmUp(streams: Stream[], warmup: Dataset, signal: AbortSignal): Promise<void> {
  const log = new RequestLog(warmup.length, { detailed: false });
  await dispatch(streams, { dataset: warmup, log, counters: newCounters(), signal });
  if (!signal.aborted) throwIfAllFailed(log);
}

async function measure(
  test: LoadTest,
  { streams, newStream }: StreamPool,
  dataset: Dataset,
  { signal, onProgress }: LoadContext,
): Promise<RawResult> {
  const arrivals = arrivalsOf(test);
  const openLoop = {
    ...(arrivals === undefined ? {} : { arrivalsMs: arrivalTimesMs(arrivals, dataset.length, test.seed) }),
    ...(test.maxConcurrency === Number.POSITIVE_INFINITY ? { grow: newStream } : {}),
  };
  const log = new RequestLog(dataset.length, { detailed: test.detailed ?? false });
  const counters = newCounters();
  const resolutionMs = clockResolutionMs();
  const lag = watchLoopLag();
  const date = new Date();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const clientNow = (): ClientFacts => {
    const cpu = process.cpuUsage(cpuBefore);
    const cpuShare = (cpu.user + cpu.system) / 1000 / (performance.now() - startMs);
    return { loopLag: lag.read(), cpuShare, resolutionMs };
  };
  const report = (): void => {
    if (onProgress === undefined) return;
    const { verdict } = verdictSoFar(test, log, counters, clientNow());
    onProgress(progressOf(log, counters.inFlight, performance.now() - startMs, verdict));
  };
  const reporting = setInterval(report, progressIntervalMs);
  try {
    await dispatch(streams, { dataset, log, counters, signal, ...openLoop });
  } finally {
    clearInterval(reporting);
    lag.stop();
  }
  const partial = signal.aborted;
  const endMs = performance.now();
  const client = clientNow();
  report();
  for (const stream of streams) stream.close();
  if (!partial) throwIfAllFailed(log);
  const durationMs = (partial ? endMs : lastEndMs(log)) - startMs;
  const fidelity = judge(factsOf(test, log, counters, client, partial));
  return rawResult(test, log, { date, startMs, durationMs, partial, fidelity });
}

/** What the client's own process went through. */
interface ClientFacts {
  readonly loopLag: LoopLag;
  readonly cpuShare: number;
  readonly resolutionMs: number;
}

function factsOf(
  test: LoadTest,
  log: RequestLog,
  counters: StreamCounters,
  client: ClientFacts,
  partial: boolean,
): FidelityFacts {
  const sent = (column: Float64Array): Float64Array =>
    column.filter((_, index) => log.state[index] !== RequestState.unsent && (log.startMs[index] ?? 0) > 0);
  const delaysMs = sendDelaysMs(log).sort();
  const starts = sent(log.startMs);
  const ends = sent(log.endMs);
  return {
    ...cheapFacts(test, log, counters, client),
    partial,
    medianTtftMs: quantileOfSorted(latenciesOf(log, 'due').ttftMs.sort(), 0.5),
    achieved_concurrency: meanInFlight(starts, ends),
    peak_concurrency: peakInFlight(starts, ends),
    late_sends: delaysMs.filter((delayMs) => delayMs > lateSendMs).length,
    send_delay_p99_ms: quantileOfSorted(delaysMs, 0.99),
  };
}

/** A verdict without what takes sorting: that would hold up the reading of replies while the clock runs. */
function verdictSoFar(
  test: LoadTest,
  log: RequestLog,
  counters: StreamCounters,
  client: ClientFacts,
): Fidelity {
  const facts = cheapFacts(test, log, counters, client);
  const asked = facts.asked_concurrency ?? counters.inFlight;
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

function cheapFacts(test: LoadTest, log: RequestLog, counters: StreamCounters, client: ClientFacts) {
  const { loopLag } = client;
  return {
    numPrompts: log.length,
    completed: log.count(RequestState.completed),
    failed: log.count(RequestState.failed),
    openLoop: arrivalsOf(test) !== undefined,
    asked_concurrency: Number.isFinite(test.maxConcurrency)
      ? Math.min(test.maxConcurrency, log.length)
      : null,
    loop_lag_ms: { p50: loopLag.p50Ms, p99: loopLag.p99Ms, max: loopLag.maxMs },
    client_cpu_share: client.cpuShare,
    clock_resolution_ms: client.resolutionMs,
    reconnects: counters.reconnects,
    prompt_token_mismatches: counters.promptTokenMismatches,
    output_length_mismatches:
      (log.troubles.get('short-reply')?.count ?? 0) + (log.troubles.get('long-reply')?.count ?? 0),
    replies_without_usage: counters.repliesWithoutUsage,
  };
}

function throwIfAllFailed(log: RequestLog): void {
  if (log.count(RequestState.completed) > 0) return;
  const [worst] = [...log.troubles.values()].filter(({ failed }) => failed).sort((a, b) => b.count - a.count);
  throw new LoadError(
    'all-failed',
    `all ${log.length} requests failed${worst === undefined ? '' : `, most often with ${worst.class}: ${worst.example}`}`,
    { hint: 'try one request by hand, and look at the server’s log' },
  );
}

function lastEndMs(log: RequestLog): number {
  return log.endMs.reduce((latest, atMs) => Math.max(latest, atMs), 0);
}

function newCounters(): StreamCounters {
  return { inFlight: 0, promptTokenMismatches: 0, repliesWithoutUsage: 0, reconnects: 0 };
}
