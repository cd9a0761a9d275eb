import { incompleteBeta } from './incomplete-beta.ts';

/** The probability that Student's t is at least this far from 0; with infinite degrees of freedom, that of a normal. */
export function twoSidedP(t: number, degreesOfFreedom: number): number {
  if (Number.isNaN(t)) return 1;
  const df = Math.min(degreesOfFreedom, 1e7);
  return incompleteBeta(df / 2, 0.5, df / (df + t * t));
}

/** How far from 0 Student's t is with a chance of `p`, both sides together. */
export function twoSidedT(p: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = 1;
  while (twoSidedP(high, degreesOfFreedom) > p && high < 1e12) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle, degreesOfFreedom) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
