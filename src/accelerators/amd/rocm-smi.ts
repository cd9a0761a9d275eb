import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { ask } from '../../hosts/index.ts';
import type { AcceleratorTool } from '../vendor.ts';
import { jsonAfterWarnings } from './json.ts';

/** Fields by lower-case name, because capitalization differs between releases. */
type Fields = ReadonlyMap<string, string>;

const report = z.record(
  z.string(),
  z
    .record(z.string(), z.union([z.string(), z.number().transform(String)]))
    .transform(
      (fields): Fields => new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value])),
    ),
);

/** The tool of ROCm 5; field names differ between its versions. */
export const rocmSmi: AcceleratorTool = {
  program: 'rocm-smi',

  identify: async (host, timeoutMs) => {
    const shown = ['--showproductname', '--showdriverversion', '--showmeminfo', 'vram', '--json'];
    const { cards, system } = await ask(host, ['rocm-smi', ...shown], parsed, { timeoutMs });
    const driver = system.get('driver version');
    return {
      ...defined({ driver }),
      devices: cards.map(({ fields }) => {
        const memoryBytes = Number(fields.get('vram total memory (b)'));
        return {
          name: fields.get('card series') ?? fields.get('card model') ?? 'unknown',
          ...defined({ memory_bytes: Number.isInteger(memoryBytes) ? memoryBytes : undefined }),
        };
      }),
    };
  },

  use: async (host) => {
    const argv = ['rocm-smi', '--json', '--showmeminfo', 'vram', '--showpids'];
    const { cards, system } = await ask(host, argv, parsed);
    return {
      devices: cards.map(({ index, fields }) => ({
        index,
        memoryUsedMib: mebibytes(fields.get('vram total used memory (b)')),
        memoryTotalMib: mebibytes(fields.get('vram total memory (b)')),
      })),
      processes: [...system].flatMap(([key, value]) => {
        const [, pid] = /^pid(\d+)$/.exec(key) ?? [];
        const [name = '', gpus, memory] = value.split(',').map((cell) => cell.trim());
        // The tool also lists processes that have opened the driver but use no GPU.
        if (pid === undefined || gpus === '0') return [];
        return [{ pid: Number(pid), name, memoryMib: mebibytes(memory) }];
      }),
    };
  },

  reader: (host) => async (timeoutMs) => {
    const shown = [
      '--showpower',
      '--showuse',
      '--showmeminfo',
      'vram',
      '--showclocks',
      '--showtemp',
      '--json',
    ];
    const { cards } = await ask(host, ['rocm-smi', ...shown], parsed, { timeoutMs });
    return cards.map(({ index, fields }) => {
      const number = (...names: string[]) => {
        const text = names.map((name) => fields.get(name)).find((value) => value !== undefined);
        return text === undefined ? undefined : Number(text);
      };
      const percent = number('gpu use (%)');
      const clock = /(\d+)\s*Mhz/i.exec(fields.get('sclk clock speed:') ?? '')?.[1];
      return {
        index,
        powerW: number('current socket graphics package power (w)', 'average graphics package power (w)'),
        utilization: percent === undefined ? undefined : percent / 100,
        memoryUsedBytes: number('vram total used memory (b)'),
        clockMhz: clock === undefined ? undefined : Number(clock),
        temperatureC: number('temperature (sensor junction) (c)', 'temperature (sensor edge) (c)'),
      };
    });
  },
};

function parsed(output: string): {
  readonly cards: readonly { readonly index: number; readonly fields: Fields }[];
  readonly system: Fields;
} {
  const parts = Object.entries(report.parse(jsonAfterWarnings(output)));
  return {
    cards: parts.flatMap(([name, fields]) => {
      const [, index] = /^card(\d+)$/.exec(name) ?? [];
      return index === undefined ? [] : [{ index: Number(index), fields }];
    }),
    system: new Map(parts.flatMap(([name, fields]) => (name === 'system' ? [...fields] : []))),
  };
}

function mebibytes(bytes: string | undefined): number | undefined {
  const value = Number(bytes);
  return Number.isFinite(value) ? Math.round(value / 2 ** 20) : undefined;
}
