import { valueAt } from '../unknown.ts';

/** Where a run was in a steady state, milliseconds on the clock of its samples, and how many requests started there. */
export interface SteadyWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const batch = 5;

/**
 * The part of a run that is neither warming up nor running dry. It ends with the last send: from then on streams are
 * left without work. It begins where MSER-5 (White 1997) cuts the series of latencies in order of their starts: the
 * cut, in its first half, that leaves the least standard error of the mean. Undefined if fewer than 20 requests
 * or no time would be left. Both lists are of the same requests, and all of them are known.
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

/** Sums from the end, so that every cut costs one step. */
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
    // Of equal cuts the earlier one keeps more.
    if (error <= least) {
      least = error;
      best = cut;
    }
  }
  return best;
}
