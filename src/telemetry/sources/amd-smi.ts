import { z } from 'zod';
import { readingsOf, type TelemetrySource } from '../source.ts';

const megabyte = 1e6;

/** `{"value": 142, "unit": "W"}`, or the bare number of older versions; `"N/A"` is none. */
const measured = z
  .union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)])
  .optional()
  .catch(undefined);

const gpu = z.object({
  gpu: z.int(),
  power: z.object({ socket_power: measured, average_socket_power: measured }).optional().catch(undefined),
  usage: z.object({ gfx_activity: measured }).optional().catch(undefined),
  mem_usage: z.object({ used_vram: measured }).optional().catch(undefined),
  temperature: z.object({ hotspot: measured, edge: measured }).optional().catch(undefined),
  clock: z
    .object({ gfx_0: z.object({ clk: measured }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
/** A list, or an object with the list in it: both are printed, by versions of the tool. */
const gpus = z.union([
  z.array(gpu),
  z.object({ gpu_data: z.array(gpu) }).transform(({ gpu_data }) => gpu_data),
]);

/** AMD GPUs, by the tool of ROCm 6 and later. */
export const amdSmi: TelemetrySource = {
  name: 'amd-smi',
  subject: 'accelerators',
  intervalS: 1,
  read: async (probe, signal) => {
    const output = await probe.run(['amd-smi', 'metric', '--json'], signal);
    // Warnings may stand before the JSON.
    const found = gpus.parse(JSON.parse(output.slice(Math.max(0, output.search(/[[{]/)))));
    return found.flatMap(({ gpu: index, power, usage, mem_usage, temperature, clock }) =>
      readingsOf(`gpu${index}`, {
        powerW: power?.socket_power ?? power?.average_socket_power,
        utilization: usage?.gfx_activity === undefined ? undefined : usage.gfx_activity / 100,
        memoryUsedBytes: mem_usage?.used_vram === undefined ? undefined : mem_usage.used_vram * megabyte,
        clockMhz: clock?.gfx_0?.clk,
        temperatureC: temperature?.hotspot ?? temperature?.edge,
      }),
    );
  },
};
