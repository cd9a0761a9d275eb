import { expect, test } from 'vitest';
import { AtOnce, TooMuchAtOnce } from './at-once.ts';

test('runs a limited number at once, queues a limited number in order, and rejects the next', async () => {
  const atOnce = new AtOnce({ running: 2, waiting: 2 });
  const begun: number[] = [];
  const pieces = [0, 1, 2, 3].map((piece) => ({ piece, ...Promise.withResolvers<void>() }));
  const done = pieces.map(({ piece, promise }) =>
    atOnce.do(async () => {
      begun.push(piece);
      await promise;
      if (piece === 0) throw new Error('failed');
    }),
  );
  await expect(atOnce.do(async () => {})).rejects.toThrow(TooMuchAtOnce);
  expect(begun).toEqual([0, 1]);
  pieces[0]?.resolve();
  await expect(done[0]).rejects.toThrow('failed');
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const { resolve } of pieces) resolve();
  await Promise.all(done.slice(1));
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(await atOnce.do(async () => 'free again')).toBe('free again');
});
