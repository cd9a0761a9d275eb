/**
 * Unknown values are NaN in calculations, so that everything derived from them is NaN too, and null in output. They are
 * never 0, which is a measurement.
 */

/** The element of a list. Throws RangeError if the index is out of range. */
export function valueAt<Value>(values: ArrayLike<Value>, index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`there is no element ${index} in a list of ${values.length}`);
  return value;
}

/** A number for output: null if unknown. */
export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** The samples that are known. */
export function known(samples: Float64Array): Float64Array {
  return samples.filter((sample) => !Number.isNaN(sample));
}

/** How many samples are unknown. */
export function unknownCount(samples: Float64Array): number {
  let count = 0;
  for (const sample of samples) if (Number.isNaN(sample)) count++;
  return count;
}

/** 0 without samples; NaN if one of them is unknown. */
export function sum(samples: Float64Array): number {
  let total = 0;
  for (const sample of samples) total += sample;
  return total;
}
