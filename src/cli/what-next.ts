import { failsEverywhere } from '../failures/index.ts';
import type { FailureStory } from '../sweep/index.ts';

interface FailedAttempt {
  readonly failureClass: FailureStory['failureClass'];
  readonly next?: FailureStory['next'];
}

/** Whether the failed work will be retried, and why. */
export function whatWillBe({ failureClass, next }: FailedAttempt): string {
  if (next === 'same-node') return 'will be tried again';
  if (next === 'other-node') return 'will be tried on another node';
  return givenUp(failureClass);
}

/** Whether the failed work was retried, and why. */
export function whatWasDone({ failureClass, next }: FailedAttempt): string {
  if (next === 'same-node') return 'tried again';
  if (next === 'other-node') return 'tried on another node';
  return givenUp(failureClass);
}

function givenUp(failureClass: FailureStory['failureClass']): string {
  return failsEverywhere(failureClass) ? 'given up, since it would fail the same way again' : 'given up';
}
