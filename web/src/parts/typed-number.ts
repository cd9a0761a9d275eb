import type { Bounds } from '../state/params.ts';

/**
 * What a reader typed: a number within the bounds, `empty`, or `wrong`. A browser gives an unfinished number, such as
 * `8e`, as an empty text and says so by `isBad`.
 */
export function typedNumber(text: string, { min, max }: Bounds, isBad = false): number | 'empty' | 'wrong' {
  if (isBad) return 'wrong';
  if (text === '') return 'empty';
  const value = Number(text);
  return value >= min && value <= max ? value : 'wrong';
}

export function boundsWords({ min, max }: Bounds): string {
  return max === Number.POSITIVE_INFINITY
    ? `a number of at least ${min}`
    : `a number from ${min} to ${max.toLocaleString('en')}`;
}
