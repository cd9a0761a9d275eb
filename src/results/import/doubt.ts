import type { Claim, LatencyMetric } from './claim.ts';

/** An implausible part of a claim. */
export interface Doubt {
  /** The field, its value, what contradicts it, and what is left out. */
  readonly says: string;
  /** The claim without the doubtful part; 'nothing' if everything else depends on it. */
  readonly leaves: 'nothing' | ((claim: Claim) => Claim);
}

/** Removes some latencies from a claim. */
export function withoutLatencies(...doubted: readonly LatencyMetric[]): (claim: Claim) => Claim {
  return (claim) => {
    const latencies = { ...claim.latencies };
    for (const metric of doubted) delete latencies[metric];
    return { ...claim, latencies };
  };
}

/** The tolerated difference between two statements of the same value: some clocks are read twice. */
export const tolerance = 0.02;

/** The same if one is a rounded mean, or covers only a part of the requests. */
export const roundedTolerance = 0.05;

/** Whether two statements of the same value agree, except for rounding. */
export function isClose(a: number, b: number, within = tolerance): boolean {
  return Number.isFinite(a - b) && Math.abs(a - b) <= within * Math.max(Math.abs(a), Math.abs(b));
}

/** A non-negative safe integer. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
