import { expect, test } from 'vitest';
import { EngineFailure } from '../launchers/index.ts';
import { ListenerWatch } from './listener-watch.ts';

const explainExit = () => undefined;

/** The failure that a watch finds if it sees these listeners one after another. */
async function watched(first: string | undefined, seen: readonly (string | undefined | Error)[]) {
  let looks = 0;
  const allSeen = Promise.withResolvers<void>();
  const listener = async () => {
    const now = seen[looks++];
    if (looks > seen.length) allSeen.resolve();
    if (now instanceof Error) throw now;
    return now;
  };
  const watch = new ListenerWatch(first, { engine: { listener }, explainExit }, 1);
  await Promise.race([
    allSeen.promise,
    new Promise((found) => watch.signal.addEventListener('abort', found)),
  ]);
  watch.end();
  return watch;
}

test('a measurement continues while the same sockets take its requests, or while that is unknown', async () => {
  const watch = await watched('1', ['1', undefined, '1']);
  expect([watch.signal.aborted, watch.failure]).toEqual([false, undefined]);
  expect((await watched(undefined, ['1', '2'])).signal.aborted).toBe(false);
});

test('it ends with a reason when other sockets take them', async () => {
  const other = await watched('1', ['1', '2']);
  expect(other.signal.aborted).toBe(true);
  expect(other.failure?.failure).toMatchObject({
    failureClass: 'load-test',
    message: 'another server took the place of the one that was measured at first',
  });
  const foreign = await watched('1', [new EngineFailure('cannot-start', 'process 4 (nginx) listens')]);
  expect(foreign.failure?.failure).toMatchObject({
    failureClass: 'cannot-start',
    message: expect.stringContaining('process 4 (nginx) listens during the measurement'),
  });
});
