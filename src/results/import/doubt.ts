import type { Claim, LatencyMetric } from './claim.ts';

/** Something in a claim that cannot be right. */
export interface Doubt {
  /** The field, its value, what contradicts it, and what is left out. */
  readonly says: string;
  /** The claim without what is doubted; 'nothing' if too much depends on it for anything to be left. */
  readonly leaves: 'nothing' | ((claim: Claim) => Claim);
}

/** What leaves a claim without some of its latencies. */
export function withoutLatencies(...doubted: readonly LatencyMetric[]): (claim: Claim) => Claim {
  return (claim) => {
    const latencies = { ...claim.latencies };
    for (const metric of doubted) delete latencies[metric];
    return { ...claim, latencies };
  };
}

/** How far apart two statements of the same may be: some clocks are read twice. */
export const tolerance = 0.02;

/** The same if one is a mean that was rounded, or of a part of the requests. */
export const roundedTolerance = 0.05;

/** Whether two statements of the same are the same, but for rounding. */
export function isClose(a: number, b: number, within = tolerance): boolean {
  return Number.isFinite(a - b) && Math.abs(a - b) <= within * Math.max(Math.abs(a), Math.abs(b));
}

/** Whole, not negative, and small enough to be told from its neighbours. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
