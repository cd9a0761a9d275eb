import { setTimeout as delay } from 'node:timers/promises';
import { acceleratorUse, type Vendor, whatIsBusy } from '../accelerators/index.ts';
import type { Host } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';
import type { LaunchContext } from './launcher.ts';

const defaultPollMs = 2_000;

/**
 * Returns when nobody uses a node's accelerators. What others run is reported and waited for, never ended. Throws
 * EngineFailure, naming them, at the deadline.
 */
export async function waitUntilIdle(
  vendor: Vendor,
  host: Host,
  timeoutS: number,
  { signal, onProgress }: LaunchContext,
  pollMs = defaultPollMs,
): Promise<void> {
  if (!vendor.hasDevices) return;
  const start = performance.now();
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const busy = whatIsBusy(await acceleratorUse(vendor, host)).join('; ');
    if (busy === '') return;
    if (performance.now() - start > timeoutS * 1000) {
      throw new EngineFailure('cannot-start', `the accelerators are not idle after ${timeoutS} s: ${busy}`);
    }
    if (busy !== told) onProgress({ what: `the accelerators to be idle: ${busy}`, timeoutS });
    told = busy;
    await delay(pollMs, undefined, { signal });
  }
}
