import { z } from 'zod';
import { jsonAfterWarnings } from '../amd-json.ts';
import { readingsOf, type TelemetrySource } from '../source.ts';

const cards = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])));
const shown = ['--showpower', '--showuse', '--showmeminfo', 'vram', '--showclocks', '--showtemp'];

/** AMD GPUs, by the tool of ROCm 5; names differ between its versions. */
export const rocmSmi: TelemetrySource = {
  name: 'rocm-smi',
  subject: 'accelerators',
  intervalS: 1,
  read: async (probe, signal) => {
    const found = cards.parse(jsonAfterWarnings(await probe.run(['rocm-smi', ...shown, '--json'], signal)));
    return Object.entries(found).flatMap(([card, values]) => {
      const index = /^card(\d+)$/.exec(card)?.[1];
      if (index === undefined) return [];
      const number = (...names: string[]) =>
        names.map((name) => values[name]).flatMap((value) => (value === undefined ? [] : Number(value)))[0];
      const percent = number('GPU use (%)');
      const clock = /(\d+)\s*Mhz/i.exec(String(values['sclk clock speed:'] ?? ''))?.[1];
      return readingsOf(`gpu${index}`, {
        powerW: number('Current Socket Graphics Package Power (W)', 'Average Graphics Package Power (W)'),
        utilization: percent === undefined ? undefined : percent / 100,
        memoryUsedBytes: number('VRAM Total Used Memory (B)'),
        clockMhz: clock === undefined ? undefined : Number(clock),
        temperatureC: number('Temperature (Sensor junction) (C)', 'Temperature (Sensor edge) (C)'),
      });
    });
  },
};
