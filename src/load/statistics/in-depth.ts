import { tokensWithin } from '../ending/test-window.ts';
import { type Latencies, startMsOf, tpotMsOf } from '../latencies.ts';
import type { Slos } from '../load-test.ts';
import type { RequestLog } from '../request-log.ts';
import type { Goodput, RawResult, SteadyState } from '../result-schema.ts';
import { known, orNull, valueAt } from '../unknown.ts';
import { BlockBootstrap, type Interval } from './bootstrap.ts';
import { steadyWindow } from './steady-state.ts';
import { quantileOfSorted } from './summary.ts';

/** `testStartMs`: the start of the test on the log's clock, from which its times count. */
export function steadyState(
  log: RequestLog,
  latencies: Latencies,
  testStartMs: number,
): SteadyState | undefined {
  const ofTimed = (samples: Float64Array): Float64Array =>
    samples.filter((_, index) => !Number.isNaN(valueAt(latencies.e2elMs, index)));
  const window = steadyWindow(ofTimed(latencies.startMs), ofTimed(latencies.e2elMs));
  if (window === undefined) return undefined;
  const { fromMs, toMs } = window;
  const within = (samples: Float64Array): Float64Array =>
    samples.filter((_, index) => {
      const startMs = valueAt(latencies.startMs, index);
      return startMs >= fromMs && startMs <= toMs;
    });
  const median = (samples: Float64Array): number | null =>
    orNull(quantileOfSorted(known(within(samples)).sort(), 0.5));
  return {
    method: 'MSER-5 to the last send',
    from_s: (fromMs - testStartMs) / 1000,
    to_s: (toMs - testStartMs) / 1000,
    requests: within(latencies.startMs).length,
    median_ttft_ms: median(latencies.ttftMs),
    median_tpot_ms: median(latencies.tpotMs),
    median_e2el_ms: median(latencies.e2elMs),
    output_throughput: orNull((1000 * tokensWithin(log, fromMs, toMs)) / (toMs - fromMs)),
  };
}

export function confidence(latencies: Latencies, seed: number): RawResult['confidence_95'] {
  const order = Uint32Array.from(latencies.startMs.keys()).sort(
    (a, b) => valueAt(latencies.startMs, a) - valueAt(latencies.startMs, b),
  );
  const inOrder = (samples: Float64Array): Float64Array =>
    known(Float64Array.from(order, (index) => valueAt(samples, index)));
  const metrics = {
    ttft: inOrder(latencies.ttftMs),
    tpot: inOrder(latencies.tpotMs),
    e2el: inOrder(latencies.e2elMs),
  };
  const bootstrap = new BlockBootstrap({ confidence: 0.95, seed });
  const intervals: Record<string, Interval> = {};
  for (const [metric, samples] of Object.entries(metrics)) {
    const [median, p99] = bootstrap.intervals(samples, [0.5, 0.99]) ?? [];
    if (median !== undefined) intervals[`median_${metric}_ms`] = median;
    if (p99 !== undefined) intervals[`p99_${metric}_ms`] = p99;
  }
  return intervals;
}

/** Counts the replies among `indexes` by their objectives. */
export function goodputOf(log: RequestLog, slos: Slos, indexes: Iterable<number>): Goodput {
  let [met, metWithoutTpot, notKnown] = [0, 0, 0];
  for (const index of indexes) {
    const startMs = startMsOf(log, index, 'due');
    // A reply of several tokens that arrived at once has no TPOT either, but it could have missed the objective.
    const hasNoTpot = slos.tpot !== undefined && valueAt(log.outputTokens, index) <= 1;
    const judged = [
      meets(valueAt(log.firstTokenMs, index) - startMs, slos.ttft),
      hasNoTpot ? true : meets(tpotMsOf(log, index), slos.tpot),
      meets(valueAt(log.lastTokenMs, index) - startMs, slos.e2el),
    ];
    if (judged.includes(false)) continue;
    if (judged.includes(undefined)) notKnown++;
    else {
      met++;
      if (hasNoTpot) metWithoutTpot++;
    }
  }
  return { met, met_without_tpot: metWithoutTpot, not_known: notKnown };
}

/** Undefined if unknown. */
function meets(valueMs: number, limitMs: number | undefined): boolean | undefined {
  if (limitMs === undefined) return true;
  return Number.isNaN(valueMs) ? undefined : valueMs <= limitMs;
}
