import type { Failure } from '../failures/index.ts';

/** What keeps the whole sweep from going on; nothing that was finished is lost. */
export class SweepStopped extends Error {
  override readonly name = 'SweepStopped';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
