import { defined } from '../../defined/defined.ts';
import { ask, type Host } from '../../hosts/index.ts';
import type { AcceleratorTool, Vendor } from '../vendor.ts';
import { nvidiaFaults } from './faults.ts';
import { imageFault } from './requirement.ts';

const mebibyte = 1024 ** 2;
const format = '--format=csv,noheader,nounits';

/** The tool of NVIDIA's driver. */
const nvidiaSmi: AcceleratorTool = {
  program: 'nvidia-smi',

  identify: async (host, timeoutMs) => {
    const gpus = await query(host, 'gpu', ['index', 'name', 'memory.total', 'driver_version'], timeoutMs);
    const driver = gpus[0]?.[3];
    return {
      ...defined({ driver }),
      devices: gpus.map(([, name = 'unknown', memoryMib]) => ({
        name,
        ...defined({
          memory_bytes: Number.isInteger(Number(memoryMib)) ? mebibyte * Number(memoryMib) : undefined,
        }),
      })),
    };
  },

  use: async (host) => {
    const devices = await query(host, 'gpu', ['index', 'memory.used', 'memory.total']);
    const processes = await query(host, 'compute-apps', ['pid', 'process_name', 'used_memory']);
    return {
      devices: devices.map(([index, used, total]) => ({
        index: Number(index),
        memoryUsedMib: known(used),
        memoryTotalMib: known(total),
      })),
      // A name may contain commas.
      processes: processes.map(([pid, ...rest]) => ({
        pid: Number(pid),
        name: rest.slice(0, -1).join(', '),
        memoryMib: known(rest.at(-1)),
      })),
    };
  },

  read: async (host, timeoutMs) => {
    const fields = ['index', 'power.draw', 'utilization.gpu', 'memory.used', 'clocks.sm', 'temperature.gpu'];
    const gpus = await query(host, 'gpu', fields, timeoutMs);
    return gpus.map((row) => {
      const [index, powerW, percent, memoryMib, clockMhz, temperatureC] = row.map(Number);
      if (index === undefined || !Number.isInteger(index))
        throw new Error(`unexpected line: ${row.join(', ')}`);
      return {
        index,
        powerW,
        utilization: percent === undefined ? undefined : percent / 100,
        memoryUsedBytes: memoryMib === undefined ? undefined : memoryMib * mebibyte,
        clockMhz,
        temperatureC,
      };
    });
  },
};

/** Rows of cells; a cell without a value is `[N/A]`, `[Not Supported]` or similar. */
async function query(
  host: Host,
  subject: 'gpu' | 'compute-apps',
  fields: readonly string[],
  timeoutMs?: number,
): Promise<string[][]> {
  return await ask(
    host,
    ['nvidia-smi', `--query-${subject}=${fields.join(',')}`, format],
    (csv) =>
      csv
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => line.split(',').map((cell) => cell.trim())),
    timeoutMs === undefined ? {} : { timeoutMs },
  );
}

function known(cell: string | undefined): number | undefined {
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** NVIDIA GPUs. */
export const nvidia: Vendor = {
  name: 'nvidia',
  hasDevices: true,
  tools: [nvidiaSmi],
  visibleDevices: ['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES'],
  faults: nvidiaFaults,
  imageFault,
  containers: {
    flags: ['--runtime', 'nvidia', '--gpus', 'all'],
    runtime: {
      name: 'nvidia',
      todo: 'install nvidia-container-toolkit, then: nvidia-ctk runtime configure --runtime=docker',
    },
  },
};
