import { z } from 'zod';
import { identifyAccelerators, vendors } from '../accelerators/index.ts';
import { defined } from '../defined/defined.ts';
import type { Host } from '../hosts/index.ts';

const vendorsOfDevices = vendors.flatMap(({ name, hasDevices }) => (hasDevices ? [name] : []));

/** The hardware and system software of a node. Parts that could not be read are absent; nothing is guessed. */
export const environmentSchema = z.object({
  host: z.string().optional(),
  /** Such as `6.8.0-60-generic`. */
  kernel: z.string().optional(),
  /** The distribution, such as `Ubuntu 24.04.2 LTS`. */
  os: z.string().optional(),
  cpu: z.object({ model: z.string(), count: z.int() }).optional(),
  memory_bytes: z.int().optional(),
  accelerators: z
    .object({
      vendor: z.enum(vendorsOfDevices),
      driver: z.string().optional(),
      devices: z.array(
        z.object({
          name: z.string(),
          memory_bytes: z.int().optional(),
          power_limit_w: z.number().optional(),
          max_clock_mhz: z.number().optional(),
        }),
      ),
    })
    .optional(),
});

export type EnvironmentRecord = z.infer<typeof environmentSchema>;

const answerTimeoutMs = 10_000;

/** Reads the hardware and system software of a Linux node; leaves out what is missing or does not answer in time. */
export async function environmentOf(host: Host, timeoutMs = answerTimeoutMs): Promise<EnvironmentRecord> {
  const file = async (path: string) => await host.readFile(path).catch(() => '');
  const [name, kernel, release, cpuinfo, meminfo, accelerators] = await Promise.all([
    file('/proc/sys/kernel/hostname'),
    file('/proc/sys/kernel/osrelease'),
    file('/etc/os-release'),
    file('/proc/cpuinfo'),
    file('/proc/meminfo'),
    identifyAccelerators(host, timeoutMs),
  ]);
  const os = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1];
  const count = cpuinfo.match(/^processor\s*:/gm)?.length;
  // Arm has no such line.
  const model = /^model name\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? 'unknown';
  const memoryKib = /^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return {
    ...defined({
      host: name === '' ? undefined : name.trim(),
      kernel: kernel === '' ? undefined : kernel.trim(),
      os,
      cpu: count === undefined ? undefined : { model, count },
      memory_bytes: memoryKib === undefined ? undefined : 1024 * Number(memoryKib),
      accelerators,
    }),
  };
}
