import { join } from 'node:path';
import { readingsOf, type TelemetrySource } from '../source.ts';

const folder = '/sys/class/powercap';

/** CPU packages, from Linux' powercap (Intel RAPL, which AMD CPUs also have). Excludes memory and GPUs. */
export const rapl: TelemetrySource = {
  name: 'rapl',
  subject: 'cpu',
  intervalS: 1,
  open:
    ({ host }) =>
    async () => {
      // `intel-rapl:0` is a package, `intel-rapl:0:0` a part of it, and `intel-rapl-mmio:0` the same package again.
      const packages = (await host.list(folder)).filter((name) => /^intel-rapl:\d+$/.test(name));
      if (packages.length === 0) throw new Error(`no CPU package in ${folder}`);
      const readings = await Promise.all(
        packages.map(async (name) => {
          const read = async (file: string) => (await host.readFile(join(folder, name, file))).trim();
          // `psys` is the whole platform, including the packages.
          if (!(await read('name')).startsWith('package')) return [];
          return readingsOf(`package-${name.split(':')[1]}`, {
            energyJ: Number(await read('energy_uj')) / 1e6,
          });
        }),
      );
      return readings.flat();
    },
};
