import { Random } from '../random.ts';

const mostDrawnSamples = 2_000_000;

/**
 * A confidence interval by the moving-block bootstrap (Künsch 1989): neighbouring requests share a queue and are not
 * independent, so runs of n^⅓ of them are drawn, not single ones. `samples` in order of time; `figure` may sort what
 * it is given. Undefined for fewer than 10 samples, of which no interval could be trusted.
 */
export function blockBootstrapInterval(
  samples: Float64Array,
  figure: (resample: Float64Array) => number,
  settings: { readonly confidence: number; readonly seed: number },
): readonly [low: number, high: number] | undefined {
  const count = samples.length;
  if (count < 10) return undefined;
  const random = new Random(settings.seed);
  const blockLength = Math.max(1, Math.round(Math.cbrt(count)));
  const resamples = Math.round(Math.min(1000, Math.max(100, mostDrawnSamples / count)));
  const resample = new Float64Array(count);
  const figures = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    for (let at = 0; at < count; at += blockLength) {
      const from = random.integer(0, count - blockLength);
      resample.set(samples.subarray(from, from + Math.min(blockLength, count - at)), at);
    }
    figures[round] = figure(resample);
  }
  figures.sort();
  const tail = (1 - settings.confidence) / 2;
  const at = (fraction: number): number => figures[Math.round(fraction * (resamples - 1))] ?? 0;
  return [at(tail), at(1 - tail)];
}
