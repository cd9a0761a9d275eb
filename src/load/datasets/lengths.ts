import type { Random } from '../random.ts';

/** Integer lengths uniform in [rangeRatio × length, length], at least 1, as in vLLM's random data set (contract §4). */
export function drawLengths(random: Random, count: number, length: number, rangeRatio: number): Int32Array {
  const low = Math.max(1, Math.floor(length * rangeRatio));
  return Int32Array.from({ length: count }, () => random.integer(low, Math.max(low, length)));
}
