import { z } from 'zod';
import { jsonAfterWarnings } from '../../../telemetry/index.ts';
import { answer, type Query } from '../query.ts';
import type { AcceleratorUse } from '../use.ts';

const argv = ['rocm-smi', '--json', '--showmeminfo', 'vram', '--showpids'];
/** Every value is a text; the fields' capitals differ between releases. */
const report = z.record(
  z.string(),
  z
    .record(z.string(), z.string())
    .transform(
      (fields) => new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value])),
    ),
);

/** The tool of ROCm 5. */
export async function rocmSmi(query: Query): Promise<AcceleratorUse> {
  const { system, ...cards } = await answer(query, argv, (output) => report.parse(jsonAfterWarnings(output)));
  return {
    devices: Object.entries(cards).flatMap(([name, card]) => {
      const [, index] = /^card(\d+)$/.exec(name) ?? [];
      if (index === undefined) return [];
      return [
        {
          index: Number(index),
          memoryUsedMib: mib(card.get('vram total used memory (b)')),
          memoryTotalMib: mib(card.get('vram total memory (b)')),
        },
      ];
    }),
    processes: [...(system ?? [])].flatMap(([key, value]) => {
      const [, pid] = /^pid(\d+)$/.exec(key) ?? [];
      const [name = '', gpus, memory] = value.split(',').map((cell) => cell.trim());
      // It also lists processes that have opened the driver and use no GPU.
      if (pid === undefined || gpus === '0') return [];
      return [{ pid: Number(pid), name, memoryMib: mib(memory) }];
    }),
  };
}

function mib(bytes: string | undefined): number {
  const value = Number(bytes);
  return Number.isFinite(value) ? Math.round(value / 2 ** 20) : 0;
}
