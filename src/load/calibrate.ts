import type { Verdict } from './fidelity/verdict-names.ts';
import { startMockProcess } from './mock/process.ts';
import { runLoadTest } from './run.ts';

/** Measurement error of this machine at one concurrency, in milliseconds. */
export interface CalibrationRow {
  readonly concurrency: number;
  /** Measured request rate over the rate that the mock's configured times allow. */
  readonly shareOfIdealRate: number;
  readonly peakInFlight: number;
  /** The client's figure minus the mock engine's own, by the mock's clock. */
  readonly ttftErrorP50Ms: number;
  readonly ttftErrorP99Ms: number;
  readonly tpotErrorP99Ms: number;
  readonly chunkGapExcessP99Ms: number;
  readonly loopLagP99Ms: number;
  readonly clientCpuShare: number;
  readonly verdict: Verdict;
}

const ttftMs = 50;
const itlMs = 10;
const outputLen = 64;
const rounds = 4;

/**
 * Measures the built-in mock engine, which runs in a separate process, at each concurrency and compares the result with
 * what the mock recorded. The errors include delays of the mock's process if the machine has no free core for it.
 */
export async function* calibrate(
  concurrencies: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<CalibrationRow> {
  await using mock = await startMockProcess({ ttftMs, itlMs, tokensPerEvent: 1, eventsPerWrite: 1 });
  for (const concurrency of concurrencies) {
    if (signal.aborted) return;
    await mock.reset();
    const result = await runLoadTest(
      {
        baseUrl: mock.baseUrl,
        backend: 'openai',
        model: 'mock',
        tokenizerId: 'mock',
        dataset: { kind: 'random', inputLen: 128, outputLen, rangeRatio: 1 },
        numPrompts: rounds * concurrency,
        maxConcurrency: concurrency,
        requestRate: Number.POSITIVE_INFINITY,
        burstiness: 1,
        seed: 0,
        ignoreEos: true,
        useChatTemplate: false,
        warmupRequests: 0,
        stallTimeoutS: 30,
        connectTimeoutS: 10,
        percentiles: [99],
      },
      { signal },
    );
    if (result.partial === true) return;
    const truth = await mock.truth();
    const idealRate = (1000 * concurrency) / (ttftMs + itlMs * (outputLen - 1));
    yield {
      concurrency,
      shareOfIdealRate: result.request_throughput / idealRate,
      peakInFlight: truth.peakInFlight,
      ttftErrorP50Ms: lessTruth(result.median_ttft_ms, truth.ttftMs.p50),
      ttftErrorP99Ms: lessTruth(result.p99_ttft_ms, truth.ttftMs.p99),
      tpotErrorP99Ms: lessTruth(result.p99_tpot_ms, truth.tpotMs.p99),
      chunkGapExcessP99Ms: lessTruth(result.chunk_gap.p99_ms, truth.gapMs.p99),
      loopLagP99Ms: result.fidelity.loop_lag_ms.p99,
      clientCpuShare: result.fidelity.client_cpu_share,
      verdict: result.fidelity.verdict,
    };
  }
}

/** NaN if nothing was measured. */
function lessTruth(measuredMs: number | null | undefined, trueMs: number): number {
  return (measuredMs ?? Number.NaN) - trueMs;
}
