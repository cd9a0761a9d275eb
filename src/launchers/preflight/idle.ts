import { setTimeout as delay } from 'node:timers/promises';
import { EngineFailure } from '../engine-failure.ts';
import type { LaunchContext } from '../launcher.ts';
import { queryAccelerators, whatIsBusy } from './accelerators.ts';
import type { Query } from './query.ts';

const defaultPollMs = 2_000;

/**
 * Returns when nobody uses a node's accelerators, or those of the given numbers. What others run is told and waited for, never ended. Throws
 * EngineFailure, naming them, at the deadline.
 */
export async function waitUntilIdle(
  kind: 'nvidia' | 'amd' | 'none',
  query: Query,
  timeoutS: number,
  { signal, onProgress }: LaunchContext,
  devices?: readonly number[],
  pollMs = defaultPollMs,
): Promise<void> {
  if (kind === 'none') return;
  const start = performance.now();
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const busy = whatIsBusy(await queryAccelerators(kind, query), devices).join('; ');
    if (busy === '') return;
    if (performance.now() - start > timeoutS * 1000) {
      throw new EngineFailure('cannot-start', `the accelerators are not idle after ${timeoutS} s: ${busy}`);
    }
    if (busy !== told) onProgress({ what: `the accelerators to be idle: ${busy}`, timeoutS });
    told = busy;
    await delay(pollMs, undefined, { signal });
  }
}
