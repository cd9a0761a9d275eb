import type { Failure } from '../failures/index.ts';

/** A problem that stops the whole sweep. Finished points are kept. */
export class SweepStopped extends Error {
  override readonly name = 'SweepStopped';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
