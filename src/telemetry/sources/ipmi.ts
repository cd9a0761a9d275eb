import { ask } from '../../hosts/index.ts';
import { readingsOf, type TelemetrySource } from '../source.ts';

/**
 * The power of the whole machine at its power supplies, from its management controller by IPMI's DCMI (`ipmitool`, usually
 * as root). Controllers update it every second or more slowly.
 */
export const ipmi: TelemetrySource = {
  name: 'ipmi',
  subject: 'chassis',
  intervalS: 5,
  open:
    ({ host, nodes = 1 }) =>
    async (timeoutMs) => {
      if (nodes > 1) throw new Error(`ipmitool reads one node, but the engine has ${nodes}`);
      const powerW = await ask(host, ['ipmitool', 'dcmi', 'power', 'reading'], dcmiWatts, { timeoutMs });
      return readingsOf('node0', { powerW });
    },
};

/** The current power in the output of `ipmitool dcmi power reading`. Throws if there is none, or measurement is off. */
export function dcmiWatts(output: string): number {
  const [, watts] = /^\s*Instantaneous power reading\s*:\s*(\d+)\s*Watts/im.exec(output) ?? [];
  const [, state] = /^\s*Power reading state is\s*:\s*(\S+)/im.exec(output) ?? [];
  if (watts === undefined) throw new Error('no power reading');
  if (state !== undefined && state !== 'activated') throw new Error(`power reading is ${state}`);
  return Number(watts);
}
