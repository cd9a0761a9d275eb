import { WorkError } from '../errors.ts';
import type { EndFacts, FailureClass } from '../failures/index.ts';

/** Details of a failure, besides its class and message. */
export interface FailureDetail {
  /**
   * Logs of the engine, or output of the command that failed: first the log of the step that ended first, then the
   * others.
   */
  readonly logs?: readonly string[];
  readonly facts?: EndFacts;
  /** The nodes it happened on, by the launcher's names; absent if it could be any of them. */
  readonly nodes?: readonly string[];
}

/** An engine that cannot be used; `logTail` is the end of its log. */
export class EngineFailure extends WorkError {
  override readonly name = 'EngineFailure';
  readonly failureClass: FailureClass;
  readonly logTail: string;
  readonly logs: readonly string[];
  readonly facts: EndFacts;
  readonly nodes: readonly string[] | undefined;

  constructor(
    failureClass: FailureClass,
    message: string,
    logTail = '',
    { logs = [logTail], facts = {}, nodes }: FailureDetail = {},
  ) {
    super(message, { code: 'engine-failed' });
    this.failureClass = failureClass;
    this.logTail = logTail;
    this.logs = logs;
    this.facts = facts;
    this.nodes = nodes;
  }
}
