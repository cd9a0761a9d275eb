import type { Random } from '../random.ts';

/** Integer lengths uniform in [rangeRatio × length, length], at least 1, as in vLLM's random data set (contract §4). */
export function drawLengths(random: Random, count: number, length: number, rangeRatio: number): Int32Array {
  const low = Math.max(1, Math.floor(length * rangeRatio));
  const high = Math.max(low, length);
  const lengths = new Int32Array(count);
  for (let index = 0; index < count; index++) lengths[index] = random.integer(low, high);
  return lengths;
}
