import { z } from 'zod';
import { amdGpus, amdMegabyte, amdValue } from '../amd-json.ts';
import { readingsOf, type TelemetrySource } from '../source.ts';

const gpu = z.object({
  gpu: z.int(),
  power: z.object({ socket_power: amdValue, average_socket_power: amdValue }).optional().catch(undefined),
  usage: z.object({ gfx_activity: amdValue }).optional().catch(undefined),
  mem_usage: z.object({ used_vram: amdValue }).optional().catch(undefined),
  temperature: z.object({ hotspot: amdValue, edge: amdValue }).optional().catch(undefined),
  clock: z
    .object({ gfx_0: z.object({ clk: amdValue }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** AMD GPUs, by the tool of ROCm 6 and later. */
export const amdSmi: TelemetrySource = {
  name: 'amd-smi',
  subject: 'accelerators',
  intervalS: 1,
  read: async (probe, signal) => {
    const output = await probe.run(['amd-smi', 'metric', '--json'], signal);
    return amdGpus(gpu, output).flatMap(({ gpu: index, power, usage, mem_usage, temperature, clock }) =>
      readingsOf(`gpu${index}`, {
        powerW: power?.socket_power ?? power?.average_socket_power,
        utilization: usage?.gfx_activity === undefined ? undefined : usage.gfx_activity / 100,
        memoryUsedBytes: mem_usage?.used_vram === undefined ? undefined : mem_usage.used_vram * amdMegabyte,
        clockMhz: clock?.gfx_0?.clk,
        temperatureC: temperature?.hotspot ?? temperature?.edge,
      }),
    );
  },
};
