/** Why a point, or the start of its engine, failed. */
export const failureClasses = [
  'provisioning',
  'died-on-start',
  'never-ready',
  'engine-died',
  'out-of-memory',
  'node-lost',
  'preempted',
  'time-limit',
  'cannot-start',
  'load-test',
  'invalid-measurement',
] as const;

export type FailureClass = (typeof failureClasses)[number];

/** How often a point is tried again after each kind of failure; what fails the same way every time is not. */
export const retryBudget: Readonly<Record<FailureClass, number>> = {
  provisioning: 0,
  'died-on-start': 0,
  'never-ready': 0,
  'engine-died': 1,
  'out-of-memory': 0,
  'node-lost': 1,
  preempted: 1,
  'time-limit': 0,
  'cannot-start': 0,
  'load-test': 1,
  'invalid-measurement': 1,
};

/** A failure with its class, in words for the person who must act on it. */
export interface Failure {
  readonly failureClass: FailureClass;
  readonly message: string;
  /** The engine's last log lines, where it was the engine that failed. */
  readonly logTail?: string;
}
