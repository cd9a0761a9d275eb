import { EngineFailure } from '../engine-failure.ts';
import type { Query } from './query.ts';
import type { AcceleratorUse, DeviceProcess } from './use.ts';
import { amdSmi } from './vendors/amd-smi.ts';
import { nvidiaSmi } from './vendors/nvidia-smi.ts';
import { rocmSmi } from './vendors/rocm-smi.ts';

/** Of each vendor's tools the newest first. */
const tools = { nvidia: [nvidiaSmi], amd: [amdSmi, rocmSmi] } as const;

/** How much of a node's accelerators is taken, and by whom. Throws EngineFailure where no tool of the vendor says. */
export async function queryAccelerators(kind: 'nvidia' | 'amd', query: Query): Promise<AcceleratorUse> {
  const failures: string[] = [];
  for (const tool of tools[kind]) {
    try {
      const { devices, processes } = await tool(query);
      return { devices, processes: unique(processes) };
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      failures.push(error.message);
    }
  }
  throw new EngineFailure('cannot-start', failures.join('; '));
}

/** A process that holds several devices is listed for each. */
function unique(processes: readonly DeviceProcess[]): DeviceProcess[] {
  const byPid = new Map<number, DeviceProcess>();
  for (const process of processes) {
    const memoryMib = process.memoryMib + (byPid.get(process.pid)?.memoryMib ?? 0);
    byPid.set(process.pid, { ...process, memoryMib });
  }
  return [...byPid.values()];
}

/** Drivers keep some memory of an idle device for themselves. */
const idleMemoryShare = 0.03;

/**
 * Who or what keeps devices busy, in words; empty where they are idle. Of chosen devices only the memory tells, because
 * the tools do not say alike which process holds which.
 */
export function whatIsBusy({ devices, processes }: AcceleratorUse, chosen?: readonly number[]): string[] {
  if (processes.length > 0 && chosen === undefined) {
    return processes.map(({ pid, name, memoryMib }) => `process ${pid} (${name}) holds ${gib(memoryMib)}`);
  }
  // Processes of other containers are not listed, but their memory is.
  return devices
    .filter(({ index }) => chosen?.includes(index) ?? true)
    .filter(({ memoryUsedMib, memoryTotalMib }) => memoryUsedMib > idleMemoryShare * memoryTotalMib)
    .map(
      ({ index, memoryUsedMib }) =>
        `GPU ${index} has ${gib(memoryUsedMib)} in use by no process that is listed`,
    );
}

function gib(valueMib: number): string {
  return `${(valueMib / 1024).toFixed(1)} GiB`;
}
