import type { FailureRule } from '../failures/index.ts';

/** Failures of one kind of work in all, whatever their classes: nothing is tried for ever. */
export const mostFailures = 6;

export type NextTry = 'same-node' | 'other-node' | 'give-up';

/** What has already gone wrong with a start or a point, the latest failure included. */
export interface FailureCounts {
  /** Of this class on this node. */
  readonly here: number;
  /** Nodes on which it failed in this class. */
  readonly nodes: number;
  /** Of all classes on all nodes. */
  readonly all: number;
}

/** Decides what follows a failure; `canMove` says whether another node could do the work. */
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
