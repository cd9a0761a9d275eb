/**
 * `found`: between the two loads of the bracket. `none`: even the lowest load misses. `beyond`: even the highest load
 * holds. `stopped`: the requests ran out before the bracket was closed.
 */
export const searchStates = ['found', 'none', 'beyond', 'stopped'] as const;

/** The largest load within the SLOs, as far as it is known. */
export interface LoadLimit {
  readonly state: (typeof searchStates)[number];
  /** The highest load that likely holds and the lowest that likely misses; null if there is none in range. */
  readonly bracket: readonly [holds: number | null, misses: number | null];
  /** The same, but shown at the confidence. */
  readonly interval: readonly [holds: number | null, misses: number | null];
  /** A load that holds lies above one that misses, so the response is not monotone. */
  readonly isMonotone: boolean;
}
