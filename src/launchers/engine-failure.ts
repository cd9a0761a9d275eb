import { WorkError } from '../errors.ts';
import type { FailureClass } from '../failures/index.ts';

/** An engine that cannot be used; `logTail` is what it said last. */
export class EngineFailure extends WorkError {
  override readonly name = 'EngineFailure';
  readonly failureClass: FailureClass;
  readonly logTail: string;

  constructor(failureClass: FailureClass, message: string, logTail = '') {
    super(message);
    this.failureClass = failureClass;
    this.logTail = logTail;
  }
}
