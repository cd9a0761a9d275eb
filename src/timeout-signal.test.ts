import { once } from 'node:events';
import { expect, test } from 'vitest';
import { timeoutSignal } from './timeout-signal.ts';

test.each([2999.655106, 1.1 * 1000, 2 ** 40])('a timer can wait for %d ms', (delayMs) => {
  expect(timeoutSignal(delayMs).aborted).toBe(false);
});

test('aborts after a fraction of a millisecond', async () => {
  const signal = timeoutSignal(0.4);
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});
