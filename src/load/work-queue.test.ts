import { describe, expect, it } from 'vitest';
import { ownQueue, sessionsOf, sharedQueue, startsOf } from './work-queue.ts';

const starts = Int32Array.of(0, 1, 2, 3, 4);

describe('work queues', () => {
  it('hand out each request once, whichever thread asks', () => {
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    const [first, second] = [sharedQueue(starts, cursor, 2), sharedQueue(starts, cursor, 2)];
    expect(first.mayTakeAhead()).toBe(true);
    const taken = [first.take(), second.take(), second.take(), first.take(), second.take()];
    expect(taken).toEqual([0, 1, 2, 3, 4]);
    expect(first.mayTakeAhead()).toBe(false);
    expect([first.peek(), second.take(), first.take()]).toEqual([undefined, undefined, undefined]);
  });

  it('give each thread of an open loop every n-th request', () => {
    const queues = [0, 1].map((number) => ownQueue(starts, { number, of: 2 }));
    expect(
      queues.map((queue) => [queue.take(), queue.peek(), queue.take(), queue.take(), queue.take()]),
    ).toEqual([
      [0, 2, 2, 4, undefined],
      [1, 3, 3, undefined, undefined],
    ]);
  });

  const dataset = {
    length: 4,
    prompt: () =>
      ({ body: { kind: 'text', json: new Uint8Array() }, inputTokens: 1, outputTokens: 1 }) as const,
  };
  const pauseBeforeMs = (index: number) => (index % 2 === 1 ? 0 : undefined);

  it('hold only requests that start independently', () => {
    expect([...startsOf({ ...dataset, pauseBeforeMs })]).toEqual([0, 2]);
  });

  it('number the conversations of all requests', () => {
    expect([...sessionsOf({ ...dataset, pauseBeforeMs })]).toEqual([0, 0, 1, 1]);
    expect([...sessionsOf(dataset)]).toEqual([0, 1, 2, 3]);
  });
});
