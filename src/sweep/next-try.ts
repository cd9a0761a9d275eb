import type { FailureRule } from '../failures/index.ts';

/** The most failures of one start or point, of all classes together, so that nothing is retried forever. */
export const mostFailures = 6;

export type NextTry = 'same-node' | 'other-node' | 'give-up';

/** How often a start or a point has failed, including the latest failure. */
export interface FailureCounts {
  /** Failures of this class on this node. */
  readonly here: number;
  /** Nodes on which it failed with this class. */
  readonly nodes: number;
  /** Failures of all classes on all nodes. */
  readonly all: number;
}

/** Decides what follows a failure. `canMove` says whether another node could do the work. */
export function nextTry(
  rule: FailureRule,
  what: 'start' | 'point',
  failures: FailureCounts,
  canMove: boolean,
): NextTry {
  if (failures.all >= mostFailures) return 'give-up';
  const budget = what === 'start' ? rule.restarts : rule.remeasurements;
  if (failures.here <= budget) return 'same-node';
  return canMove && failures.nodes <= rule.otherNodes ? 'other-node' : 'give-up';
}
