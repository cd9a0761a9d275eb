import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { ask } from '../../hosts/index.ts';
import type { AcceleratorTool } from '../vendor.ts';
import { amdGpus, amdMegabyte, amdValue } from './json.ts';

const identity = z.object({
  asic: z.object({ market_name: z.string() }),
  vram: z.object({ size: amdValue }).optional().catch(undefined),
  driver: z.object({ version: z.string() }).optional().catch(undefined),
});

const memory = z.object({
  gpu: z.int(),
  mem_usage: z.object({ used_vram: amdValue, total_vram: amdValue }).optional().catch(undefined),
});

/** If there is no process, a text such as "no processes" replaces the object. */
const processInfo = z
  .object({
    pid: z.coerce.number().int(),
    name: z.string().catch(''),
    memory_usage: z.object({ vram_mem: amdValue }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const gpuProcesses = z.object({ process_list: z.array(z.object({ process_info: processInfo })).catch([]) });

const metric = z.object({
  gpu: z.int(),
  power: z.object({ socket_power: amdValue, average_socket_power: amdValue }).optional().catch(undefined),
  usage: z.object({ gfx_activity: amdValue }).optional().catch(undefined),
  mem_usage: z.object({ used_vram: amdValue }).optional().catch(undefined),
  energy: z.object({ total_energy_consumption: amdValue }).optional().catch(undefined),
  temperature: z.object({ hotspot: amdValue, edge: amdValue }).optional().catch(undefined),
  clock: z
    .object({ gfx_0: z.object({ clk: amdValue }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** The tool of ROCm 6 and later. */
export const amdSmi: AcceleratorTool = {
  program: 'amd-smi',

  identify: async (host, timeoutMs) => {
    const argv = ['amd-smi', 'static', '--asic', '--vram', '--driver', '--json'];
    const gpus = await ask(host, argv, (output) => amdGpus(identity, output), { timeoutMs });
    const driver = gpus[0]?.driver?.version;
    return {
      ...defined({ driver }),
      devices: gpus.map(({ asic, vram }) => ({
        name: asic.market_name,
        ...defined({
          memory_bytes: vram?.size === undefined ? undefined : Math.round(amdMegabyte * vram.size),
        }),
      })),
    };
  },

  use: async (host) => {
    const devices = await ask(host, ['amd-smi', 'metric', '--mem-usage', '--json'], (output) =>
      amdGpus(memory, output),
    );
    const lists = await ask(host, ['amd-smi', 'process', '--json'], (output) =>
      amdGpus(gpuProcesses, output),
    );
    return {
      // Its "MB" are MiB.
      devices: devices.map(({ gpu: index, mem_usage }) => ({
        index,
        memoryUsedMib: mem_usage?.used_vram,
        memoryTotalMib: mem_usage?.total_vram,
      })),
      processes: lists
        .flatMap(({ process_list: list }) => list)
        .flatMap(({ process_info: info }) => {
          const bytes = info?.memory_usage?.vram_mem;
          // The tool also lists processes that have opened the driver but hold no memory of this GPU.
          if (info === undefined || bytes === undefined || bytes === 0) return [];
          return [{ pid: info.pid, name: info.name, memoryMib: Math.round(bytes / amdMegabyte) }];
        }),
    };
  },

  reader: (host) => async (timeoutMs) => {
    const argv = ['amd-smi', 'metric', '--json'];
    const gpus = await ask(host, argv, (output) => amdGpus(metric, output), { timeoutMs });
    return gpus.map(({ gpu: index, power, usage, mem_usage, temperature, clock, energy }) => ({
      index,
      powerW: power?.socket_power ?? power?.average_socket_power,
      utilization: usage?.gfx_activity === undefined ? undefined : usage.gfx_activity / 100,
      memoryUsedBytes: mem_usage?.used_vram === undefined ? undefined : mem_usage.used_vram * amdMegabyte,
      clockMhz: clock?.gfx_0?.clk,
      temperatureC: temperature?.hotspot ?? temperature?.edge,
      energyJ: energy?.total_energy_consumption,
    }));
  },
};
