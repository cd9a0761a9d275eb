import { describe, expect, it } from 'vitest';
import { ReadyQueue } from './ready-queue.ts';
import { ownQueue, sharedQueue } from './work-queue.ts';

const request = (index: number) => ({ bytes: new Uint8Array(10), inputTokens: index, outputTokens: 1 });
const starts = Int32Array.from({ length: 6 }, (_, index) => 10 * index);

describe('ReadyQueue', () => {
  it('returns the same requests in the same order, whether they were rendered in advance or not', () => {
    const queue = new ReadyQueue(ownQueue(starts, { number: 0, of: 1 }), request, 3);
    expect(queue.fill(2)).toBe(true);
    expect(queue.fill(5)).toBe(false);
    const taken: (number | undefined)[] = [];
    for (let turn = 0; turn < 7; turn++) {
      expect(queue.peek()).toBe(starts[turn]);
      const next = queue.take();
      taken.push(next?.index);
      expect(next?.request.inputTokens).toBe(next?.index);
      if (turn === 4) queue.fill(1);
    }
    expect(taken).toEqual([...starts, undefined]);
  });

  it('takes nothing in advance that another thread may need', () => {
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    const [first, second] = [1, 2].map(() => new ReadyQueue(sharedQueue(starts, cursor, 4), request, 100));
    first?.fill(100);
    expect(second?.peek()).toBe(20);
  });
});
