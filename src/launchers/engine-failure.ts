import { WorkError } from '../errors.ts';

/** Why an engine could not be used. */
export const engineFailureClasses = [
  /** Its process ended by itself, or something else ended it. */
  'engine-died',
  /** It did not answer by its deadline. */
  'never-ready',
  /** It was ended for want of memory. */
  'out-of-memory',
  /** The machine that ran it can no longer be reached, or its cluster gave it up. */
  'node-lost',
  /** The cluster took the nodes back for somebody else. */
  'preempted',
  /** The time that was asked of the cluster is over. */
  'time-limit',
  /** There was no image, no allocation, or no way to start the engine at all. */
  'cannot-start',
] as const;

export type EngineFailureClass = (typeof engineFailureClasses)[number];

/** An engine that cannot be used; `logTail` is what it said last. */
export class EngineFailure extends WorkError {
  override readonly name = 'EngineFailure';
  readonly failureClass: EngineFailureClass;
  readonly logTail: string;

  constructor(failureClass: EngineFailureClass, message: string, logTail = '') {
    super(message);
    this.failureClass = failureClass;
    this.logTail = logTail;
  }
}
