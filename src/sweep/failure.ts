/** Why a point, or the start of its engine, failed; what each means is in `retryRules`. */
export const failureClasses = [
  'bad-input',
  'node-busy',
  'provisioning',
  'cannot-start',
  'died-on-start',
  'never-ready',
  'out-of-memory',
  'engine-died',
  'stalled',
  'unreachable',
  'node-lost',
  'preempted',
  'time-limit',
  'load-test',
  'invalid-measurement',
  'disk-full',
] as const;

export type FailureClass = (typeof failureClasses)[number];

/** A failure with its class, in words for the person who must act on it. */
export interface Failure {
  readonly failureClass: FailureClass;
  readonly message: string;
  /** The engine's last log lines, where it was the engine that failed. */
  readonly logTail?: string;
}

/** What is done about one class of failure. */
export interface RetryRule {
  /** Further starts of the engine on the same node, where the failure kept it from getting ready. */
  readonly restarts: number;
  /** Further measurements of the point on the same node, where the failure came while it was measured. */
  readonly remeasurements: number;
  /** Further nodes to try, where there are any, once the node's own tries are used up. */
  readonly otherNodes: number;
  /** The wait before the next try, seconds. */
  readonly backoffS: number;
  /** Whether the node may be at fault: `suspect` counts when it fails several sessions, or one that another node can do. */
  readonly node: 'innocent' | 'suspect' | 'guilty';
  /** What is waited for at most before this failure is declared, seconds; absent where nothing is waited for. */
  readonly deadlineS?: number;
}

export type RetryRules = Readonly<Record<FailureClass, RetryRule>>;

const never = { restarts: 0, remeasurements: 0, otherNodes: 0, backoffS: 0, node: 'innocent' } as const;

/**
 * The budget and the deadline of every class. What fails the same way every time is not tried again where it failed;
 * what a node may be to blame for is tried on another one.
 */
export const retryRules: RetryRules = {
  /** The config or the plan cannot be run at all. */
  'bad-input': never,
  /** Somebody else's process is in the way. */
  'node-busy': { ...never, otherNodes: 3, node: 'suspect' },
  /** The engine or the weights could not be put in place. `deadlineS`: all of it. */
  provisioning: { ...never, restarts: 1, otherNodes: 1, backoffS: 5, node: 'suspect', deadlineS: 4 * 3600 },
  /** No image, no allocation, no program: the engine's process never was. */
  'cannot-start': { ...never, otherNodes: 1, node: 'suspect' },
  'died-on-start': { ...never, otherNodes: 1, node: 'suspect' },
  /** `deadlineS` is the engine's own unless given. */
  'never-ready': { ...never, otherNodes: 1, node: 'suspect' },
  'out-of-memory': { ...never, remeasurements: 1, otherNodes: 1 },
  'engine-died': { ...never, remeasurements: 1, otherNodes: 1, node: 'suspect' },
  /** The engine is there and answers nothing. `deadlineS`: without a byte. */
  stalled: { ...never, remeasurements: 1, otherNodes: 1, node: 'suspect', deadlineS: 120 },
  /** Nothing answers where the engine was, and nobody knows why. `deadlineS`: for its launcher to find out. */
  unreachable: { ...never, remeasurements: 1, otherNodes: 1, node: 'suspect', deadlineS: 60 },
  'node-lost': { ...never, restarts: 1, remeasurements: 1, otherNodes: 2, backoffS: 30, node: 'guilty' },
  /** The cluster took the node back, or the time asked of it was over: the same again, in a new allocation. */
  preempted: { ...never, restarts: 2, remeasurements: 2, otherNodes: 2, backoffS: 30 },
  'time-limit': { ...never, restarts: 1, remeasurements: 1, otherNodes: 1 },
  /** Requests failed. `deadlineS`: one measurement. */
  'load-test': { ...never, remeasurements: 1, deadlineS: 3600 },
  'invalid-measurement': { ...never, remeasurements: 1, otherNodes: 1, node: 'suspect' },
  /** Results cannot be written, so measuring more would be in vain. `deadlineS`: for somebody to make room. */
  'disk-full': { ...never, deadlineS: 600 },
};

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
  rule: RetryRule,
  what: 'start' | 'point',
  failures: FailureCounts,
  canMove: boolean,
): NextTry {
  if (failures.all >= mostFailures) return 'give-up';
  const budget = what === 'start' ? rule.restarts : rule.remeasurements;
  if (failures.here <= budget) return 'same-node';
  return canMove && failures.nodes <= rule.otherNodes ? 'other-node' : 'give-up';
}
