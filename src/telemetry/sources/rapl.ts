import { join } from 'node:path';
import { readingsOf, type TelemetrySource } from '../source.ts';

const folder = '/sys/class/powercap';

/** The packages of the CPUs, by Linux' powercap (Intel's RAPL, which AMD's CPUs have too): memory and GPUs are not in it. */
export const rapl: TelemetrySource = {
  name: 'rapl',
  subject: 'cpu',
  intervalS: 1,
  open:
    ({ host }) =>
    async () => {
      // `intel-rapl:0` is a package, `intel-rapl:0:0` a part of it, `intel-rapl-mmio:0` the same package once more.
      const packages = (await host.list(folder)).filter((name) => /^intel-rapl:\d+$/.test(name));
      if (packages.length === 0) throw new Error(`no CPU package in ${folder}`);
      const readings = await Promise.all(
        packages.map(async (name) => {
          const read = async (file: string) => (await host.readFile(join(folder, name, file))).trim();
          // `psys` is the whole platform, packages included.
          if (!(await read('name')).startsWith('package')) return [];
          return readingsOf(`package-${name.split(':')[1]}`, {
            energyJ: Number(await read('energy_uj')) / 1e6,
          });
        }),
      );
      return readings.flat();
    },
};
