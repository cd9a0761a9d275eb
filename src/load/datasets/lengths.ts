import type { Random } from '../random.ts';
import { drawLength, type LengthDistribution } from './length-distribution.ts';

/** Lengths uniform in [rangeRatio × longest, longest], at least 1, as in vLLM's random data set (contract §4). */
export function ratioLengths(longest: number, rangeRatio: number): LengthDistribution {
  const low = Math.max(1, Math.floor(longest * rangeRatio));
  return { kind: 'uniform', low, high: Math.max(low, longest) };
}

export function drawLengths(random: Random, count: number, distribution: LengthDistribution): Int32Array {
  const lengths = new Int32Array(count);
  for (let index = 0; index < count; index++) lengths[index] = drawLength(random, distribution);
  return lengths;
}
