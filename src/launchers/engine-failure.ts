import { WorkError } from '../errors.ts';
import type { EndFacts, FailureClass } from '../failures/index.ts';

/** What is known of a failure beside its class and words. */
export interface FailureDetail {
  /** What the engine, or the command that failed, said: the log of the part that ended first, then the others. */
  readonly logs?: readonly string[];
  readonly facts?: EndFacts;
  /** The nodes that it happened on, by the names the launcher gives them; absent where any of them may be it. */
  readonly nodes?: readonly string[];
}

/** An engine that cannot be used; `logTail` is what it said last. */
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
    super(message);
    this.failureClass = failureClass;
    this.logTail = logTail;
    this.logs = logs;
    this.facts = facts;
    this.nodes = nodes;
  }
}
