import type { FailureClass } from '../table.ts';

/** What is known of an engine's end beside its log. */
export interface EndFacts {
  /** Accelerators that its node should have, by its pool. */
  readonly acceleratorsPerNode?: number | undefined;
  /** Processes of its machine that the kernel ended for memory while it ran. */
  readonly kernelKills?: number | undefined;
  /** What the node's own tools say is wrong with its accelerators after the end; undefined if nothing is. */
  readonly deviceTrouble?: string | undefined;
  readonly signal?: string | null | undefined;
  /** It did not end: it is waited for, or answers nothing. */
  readonly hung?: boolean | undefined;
}

/** A well-known way for an engine to fail, as its log shows it. */
export interface KnownFailure {
  /** What one line of the log says; nothing else may say it. */
  readonly pattern: RegExp;
  /** What happened, in plain words. */
  readonly meaning: string;
  /** What the operator does about it. */
  readonly todo: string;
  /** What is done about it: whether it is tried again, where, after what wait, and what it says of the node. */
  readonly failureClass: FailureClass | ((line: RegExpExecArray, facts: EndFacts) => FailureClass);
  /**
   * `symptom`: something else caused it, and it is named only where nothing better is. `waiting`: lines of any level
   * count, because an engine that waits for ever does not call that an error.
   */
  readonly kind?: 'symptom' | 'waiting';
}
