import { setTimeout as delay } from 'node:timers/promises';
import {
  type AcceleratorUse,
  acceleratorUse,
  type DeviceFault,
  type Vendor,
  whatIsBusy,
  whatIsUnknown,
} from '../accelerators/index.ts';
import { type Host, HostFailure } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';
import type { LaunchContext } from './launcher.ts';

const defaultPollMs = 2_000;

/**
 * Waits until no process uses a node's accelerators. Other users' processes are reported and waited for, never killed.
 * Throws EngineFailure naming them at the deadline, and immediately if the node has fewer than `deviceCount` devices or
 * its driver's tool hangs.
 */
export async function waitUntilIdle(
  vendor: Vendor,
  host: Host,
  { timeoutS, deviceCount }: { readonly timeoutS: number; readonly deviceCount: number },
  { signal, onProgress }: LaunchContext,
  pollMs = defaultPollMs,
): Promise<void> {
  if (!vendor.hasDevices) return;
  const start = performance.now();
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const use = await useOfAll(vendor, host, deviceCount);
    const busy = whatIsBusy(use).join('; ');
    if (busy === '') {
      const unknown = whatIsUnknown(use).join('; ');
      // Some devices never report their use, so it is shown but not waited for.
      if (unknown !== '') onProgress({ what: `the accelerators, which may be in use: ${unknown}`, timeoutS });
      return;
    }
    if (performance.now() - start > timeoutS * 1000) {
      throw new EngineFailure('node-busy', `the accelerators are not idle after ${timeoutS} s: ${busy}`);
    }
    if (busy !== told) onProgress({ what: `the accelerators to be idle: ${busy}`, timeoutS });
    told = busy;
    await delay(pollMs, undefined, { signal });
  }
}

async function useOfAll(vendor: Vendor, host: Host, deviceCount: number): Promise<AcceleratorUse> {
  const use = await acceleratorUse(vendor, host).catch(refuseHangingDriver);
  if (use.devices.length >= deviceCount) return use;
  throw new EngineFailure(
    'node-broken',
    `the node shows ${use.devices.length} of its ${deviceCount} accelerators: some are lost, or the pool's accelerators-per-node is too high`,
  );
}

/**
 * Faults that the node's tools report for its devices, whichever process uses them; undefined if there are none, or if
 * no tool can tell.
 */
export async function deviceTrouble(
  vendor: Vendor,
  host: Host,
  deviceCount: number,
): Promise<string | undefined> {
  if (!vendor.hasDevices) return undefined;
  try {
    await useOfAll(vendor, host, deviceCount);
    const worst = (await faultsOf(vendor, host)).find(
      ({ stopsEngines, hidesDevices = false }) => stopsEngines || hidesDevices,
    );
    return worst === undefined ? undefined : inWords(worst);
  } catch (error) {
    if (error instanceof EngineFailure) return error.message;
    if (!(error instanceof HostFailure)) throw error;
    return error.kind === 'unreachable' ? undefined : error.message;
  }
}

/** Checks a node's devices before a start. Throws EngineFailure if they are in a state in which no engine starts. */
export async function refuseBrokenDevices(vendor: Vendor, host: Host): Promise<void> {
  const worst = (await faultsOf(vendor, host)).find(({ stopsEngines }) => stopsEngines);
  if (worst !== undefined) throw new EngineFailure('node-broken', `no engine would start: ${inWords(worst)}`);
}

async function faultsOf({ faults }: Vendor, host: Host): Promise<readonly DeviceFault[]> {
  return (await faults?.(host).catch(refuseHangingDriver).catch(letBe)) ?? [];
}

function inWords({ message, todo }: DeviceFault): string {
  return `${message}; to do: ${todo}`;
}

/** If the tool fails, the devices count as healthy. */
function letBe(error: unknown): readonly DeviceFault[] {
  if (error instanceof HostFailure) return [];
  throw error;
}

/** If the tool hangs, a GPU is broken. */
function refuseHangingDriver(error: unknown): never {
  if (error instanceof HostFailure && error.kind === 'late')
    throw new EngineFailure('node-broken', `the driver of the accelerators hangs: ${error.message}`);
  throw error;
}
