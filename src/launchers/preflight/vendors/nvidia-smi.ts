import { answer, type Query } from '../query.ts';
import type { AcceleratorUse } from '../use.ts';

const format = '--format=csv,noheader,nounits';
const devicesArgv = ['nvidia-smi', '--query-gpu=index,memory.used,memory.total', format];
const processesArgv = ['nvidia-smi', '--query-compute-apps=pid,process_name,used_memory', format];

/** The tool of NVIDIA's driver. */
export async function nvidiaSmi(query: Query): Promise<AcceleratorUse> {
  const devices = await answer(query, devicesArgv, rows);
  const processes = await answer(query, processesArgv, rows);
  return {
    devices: devices.map(([index, used, total]) => ({
      index: Number(index),
      memoryUsedMib: numberOrZero(used),
      memoryTotalMib: numberOrZero(total),
    })),
    processes: processes.map(([pid, name, memory]) => ({
      pid: Number(pid),
      name: name ?? '',
      memoryMib: numberOrZero(memory),
    })),
  };
}

function rows(csv: string): string[][] {
  return csv
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(', ').map((cell) => cell.trim()));
}

/** It writes `[N/A]` for what a device does not tell. */
function numberOrZero(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}
