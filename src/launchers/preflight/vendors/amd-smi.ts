import { z } from 'zod';
import { amdGpus, amdValue } from '../../../telemetry/index.ts';
import { answer, type Query } from '../query.ts';
import type { AcceleratorUse } from '../use.ts';

const gpu = z.object({
  gpu: z.int(),
  mem_usage: z.object({ used_vram: amdValue, total_vram: amdValue }).optional().catch(undefined),
});

/** A text, such as that there is none, stands where a process would. */
const processInfo = z
  .object({
    pid: z.coerce.number().int(),
    name: z.string().catch(''),
    memory_usage: z.object({ vram_mem: amdValue }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const gpuProcesses = z.object({ process_list: z.array(z.object({ process_info: processInfo })).catch([]) });

/** The tool of ROCm 6 and later. */
export async function amdSmi(query: Query): Promise<AcceleratorUse> {
  const devices = await answer(query, ['amd-smi', 'metric', '--mem-usage', '--json'], (output) =>
    amdGpus(gpu, output),
  );
  const lists = await answer(query, ['amd-smi', 'process', '--json'], (output) =>
    amdGpus(gpuProcesses, output),
  );
  return {
    // Its MB are MiB.
    devices: devices.map(({ gpu: index, mem_usage: memory }) => ({
      index,
      memoryUsedMib: memory?.used_vram ?? 0,
      memoryTotalMib: memory?.total_vram ?? 0,
    })),
    processes: lists
      .flatMap(({ process_list: list }) => list)
      .flatMap(({ process_info: info }) => {
        const bytes = info?.memory_usage?.vram_mem ?? 0;
        // It also lists processes that have opened the driver and hold nothing of this GPU.
        if (info === undefined || bytes === 0) return [];
        return [{ pid: info.pid, name: info.name, memoryMib: Math.round(bytes / 2 ** 20) }];
      }),
  };
}
