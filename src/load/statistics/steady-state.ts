import { valueAt } from '../unknown.ts';

/** The steady part of a run, in milliseconds on the clock of its samples. */
export interface SteadyWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const batch = 5;

/**
 * The part of a run between warm-up and drain. It ends with the last send, after which streams run out of work. It
 * starts where MSER-5 (White 1997) truncates the series of latencies, ordered by start: at the cut in its first half
 * that minimizes the standard error of the mean. Undefined if fewer than 20 requests or no time would be left. Both
 * lists are of the same requests, and contain no unknown values.
 */
export function steadyWindow(startMs: Float64Array, latencyMs: Float64Array): SteadyWindow | undefined {
  const order = Uint32Array.from(startMs.keys()).sort((a, b) => valueAt(startMs, a) - valueAt(startMs, b));
  const batches = Math.floor(order.length / batch);
  if (batches < 4) return undefined;
  const means = Float64Array.from({ length: batches }, (_, index) => {
    let sum = 0;
    for (let offset = 0; offset < batch; offset++)
      sum += valueAt(latencyMs, valueAt(order, index * batch + offset));
    return sum / batch;
  });
  const cut = bestCut(means);
  const fromMs = valueAt(startMs, valueAt(order, cut * batch));
  const toMs = valueAt(startMs, valueAt(order, order.length - 1));
  return toMs > fromMs ? { fromMs, toMs } : undefined;
}

/** Accumulates from the end, so that every cut costs one step. */
function bestCut(means: Float64Array): number {
  let sum = 0;
  let squares = 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let cut = means.length - 1; cut >= 0; cut--) {
    const value = valueAt(means, cut);
    sum += value;
    squares += value * value;
    const kept = means.length - cut;
    if (cut > means.length / 2) continue;
    const error = (squares - (sum * sum) / kept) / (kept * kept);
    // Among equal cuts, the earlier one keeps more samples.
    if (error <= least) {
      least = error;
      best = cut;
    }
  }
  return best;
}
