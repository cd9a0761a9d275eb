import { defined } from '../../defined/defined.ts';
import { ask, type Host, HostFailure } from '../../hosts/index.ts';
import type { AcceleratorTool, DeviceReader, DeviceReading, Vendor } from '../vendor.ts';
import { nvidiaFaults } from './faults.ts';
import { imageFault } from './requirement.ts';

const mebibyte = 1024 ** 2;
const format = '--format=csv,noheader,nounits';

/** The tool of NVIDIA's driver. */
const nvidiaSmi: AcceleratorTool = {
  program: 'nvidia-smi',

  identify: async (host, timeoutMs) => {
    const fields = [
      'index',
      'name',
      'memory.total',
      'driver_version',
      'enforced.power.limit',
      'clocks.max.sm',
    ];
    const gpus = await query(host, 'gpu', fields, timeoutMs);
    const driver = gpus[0]?.[3];
    return {
      ...defined({ driver }),
      devices: gpus.map(([, name = 'unknown', memoryMib, , powerLimitW, maxClockMhz]) => ({
        name,
        ...defined({
          memory_bytes: Number.isInteger(Number(memoryMib)) ? mebibyte * Number(memoryMib) : undefined,
          power_limit_w: known(powerLimitW),
          max_clock_mhz: known(maxClockMhz),
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

  reader: (host) => {
    let names = reasonNames;
    const read: DeviceReader = async (timeoutMs) => {
      const [name] = names;
      try {
        const rows = await query(host, 'gpu', name === undefined ? sampled : [...sampled, name], timeoutMs);
        return rows.map(readingOf);
      } catch (error) {
        // If the driver does not know one of the names, it reports nothing else either.
        if (name === undefined || !isUnknownField(error, name)) throw error;
        names = names.slice(1);
        return await read(timeoutMs);
      }
    };
    return read;
  },
};

const sampled = [
  'index',
  'power.draw',
  'utilization.gpu',
  'memory.used',
  'clocks.sm',
  'temperature.gpu',
  'enforced.power.limit',
];

/** Why the clock is lowered, as a bit mask: its name since driver 535, and the one before. */
const reasonNames: readonly string[] = ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'];

/** Bits of the mask (`nvmlClocksEventReasons` in NVML). */
const powerBits = [0x04, 0x80];
const heatBits = [0x20, 0x40];

function isUnknownField(error: unknown, name: string): boolean {
  return error instanceof HostFailure && error.kind === 'failed' && error.output.includes(name);
}

function readingOf(cells: readonly string[]): DeviceReading {
  const [index, powerW, percent, memoryMib, clockMhz, temperatureC, powerLimitW] = cells.map(Number);
  if (index === undefined || !Number.isInteger(index))
    throw new Error(`unexpected line: ${cells.join(', ')}`);
  const reasons = cells[sampled.length];
  return {
    index,
    powerW,
    utilization: percent === undefined ? undefined : percent / 100,
    memoryUsedBytes: memoryMib === undefined ? undefined : memoryMib * mebibyte,
    clockMhz,
    temperatureC,
    powerLimitW,
    powerCapped: bitOf(reasons, powerBits),
    thermallySlowed: bitOf(reasons, heatBits),
  };
}

/** 1 if any of the bits is set in a mask such as `0x0000000000000004`, else 0; undefined if there is no mask. */
function bitOf(mask: string | undefined, bits: readonly number[]): number | undefined {
  if (mask === undefined || !/^0x[0-9a-f]{1,16}$/i.test(mask)) return undefined;
  return bits.some((bit) => (BigInt(mask) & BigInt(bit)) !== 0n) ? 1 : 0;
}

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
