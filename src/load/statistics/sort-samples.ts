/** Fewer samples are sorted before the code for more is compiled; the room beside more than the most would be felt. */
const [leastByDigits, mostByDigits] = [1 << 17, 1 << 22];
const digitBits = 11;
const digits = 1 << digitBits;
const passes = [0, digitBits, 2 * digitBits];
const signBit = 0x80000000;

/**
 * Sorts samples in place, ascending, NaN last, as `sort` does: the gaps of a test are millions, and comparing them with
 * each other takes ten times as long as laying them out by the digits of their bits.
 */
export function sortSamples(samples: Float32Array | Float64Array): void {
  const { length } = samples;
  if (samples instanceof Float64Array || length < leastByDigits || length > mostByDigits) samples.sort();
  else sortByDigits(new Uint32Array(samples.buffer, samples.byteOffset, length));
}

/** Sorts 32-bit floats, given as their bits, from their lowest digit to their highest. */
function sortByDigits(bits: Uint32Array): void {
  for (let index = 0; index < bits.length; index++) bits[index] = keyOf(bits[index] ?? 0);
  let from: Uint32Array = bits;
  let to: Uint32Array = new Uint32Array(bits.length);
  for (const shift of passes) {
    layOut(from, to, shift);
    [from, to] = [to, from];
  }
  for (let index = 0; index < bits.length; index++) bits[index] = floatOf(from[index] ?? 0);
}

/** Writes keys in the order of one of their digits; those that share it stay in the order they were in. */
function layOut(from: Uint32Array, to: Uint32Array, shift: number): void {
  const starts = new Uint32Array(digits + 1);
  for (let index = 0; index < from.length; index++) {
    const next = (((from[index] ?? 0) >>> shift) & (digits - 1)) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let digit = 1; digit < digits; digit++) {
    starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
  }
  for (let index = 0; index < from.length; index++) {
    const key = from[index] ?? 0;
    const digit = (key >>> shift) & (digits - 1);
    const at = starts[digit] ?? 0;
    to[at] = key;
    starts[digit] = at + 1;
  }
}

/** A number that is greater for a greater float: those below zero are in reverse order by their bits. */
function keyOf(bits: number): number {
  return (bits & signBit) === 0 ? bits ^ signBit : ~bits;
}

function floatOf(key: number): number {
  return (key & signBit) === 0 ? ~key : key ^ signBit;
}
