import type { FailureClass } from '../table.ts';

/** Facts about the end of an engine besides its log. */
export interface EndFacts {
  /** Accelerators that its pool declares for the node. */
  readonly acceleratorsPerNode?: number | undefined;
  /** Number of processes on the engine's machine that the kernel's OOM killer ended while the engine ran. */
  readonly kernelKills?: number | undefined;
  /** Faults that the node's tools report for its accelerators after the end; undefined if there are none. */
  readonly deviceTrouble?: string | undefined;
  readonly signal?: string | null | undefined;
  /** It has not ended, but is not ready or does not answer. */
  readonly hung?: boolean | undefined;
}

/** A well-known failure of engines, as it appears in the log. */
export interface KnownFailure {
  /** Matches one line of the log; it must not match lines with another cause. */
  readonly pattern: RegExp;
  /** What happened, in plain words. */
  readonly meaning: string;
  /** How to fix it. */
  readonly todo: string;
  /** How it is handled: whether, where and after how long it is retried, and whether the node is to blame. */
  readonly failureClass: FailureClass | ((line: RegExpExecArray, facts: EndFacts) => FailureClass);
  /**
   * `symptom`: a consequence of something else, reported only if nothing better is found. `waiting`: lines of any level
   * match, because an engine that waits forever does not log that as an error.
   */
  readonly kind?: 'symptom' | 'waiting';
}
