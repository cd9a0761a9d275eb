/**
 * What is not known is NaN while it is reckoned with, so that all that follows from it is NaN as well, and null where it
 * is written. It is never 0, which is a measurement.
 */

/** The element of a list; throws RangeError for an index that is not in it. */
export function valueAt<Value>(values: ArrayLike<Value>, index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`there is no element ${index} in a list of ${values.length}`);
  return value;
}

/** A number as it is written: null if it is not known. */
export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** The samples that are known. */
export function known(samples: Float64Array): Float64Array {
  return samples.filter((sample) => !Number.isNaN(sample));
}

/** How many samples are not known. */
export function unknownCount(samples: Float64Array): number {
  let count = 0;
  for (const sample of samples) if (Number.isNaN(sample)) count++;
  return count;
}

/** 0 for no samples; NaN if one of them is not known. */
export function sum(samples: Float64Array): number {
  let total = 0;
  for (const sample of samples) total += sample;
  return total;
}
