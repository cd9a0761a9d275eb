import { z } from 'zod';
import type { Probe } from './source.ts';

/** What a node is made of. A part that could not be read is absent; nothing is guessed. */
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
      vendor: z.enum(['nvidia', 'amd']),
      driver: z.string().optional(),
      devices: z.array(z.object({ name: z.string(), memory_bytes: z.int().optional() })),
    })
    .optional(),
});

export type EnvironmentRecord = z.infer<typeof environmentSchema>;

/** Reads what a Linux node is made of; whatever is not there or does not answer in time is left out. */
export async function environmentOf(probe: Probe, signal: AbortSignal): Promise<EnvironmentRecord> {
  const file = async (path: string) => await probe.readFile(path).catch(() => '');
  const [host, kernel, release, cpuinfo, meminfo, accelerators] = await Promise.all([
    file('/proc/sys/kernel/hostname'),
    file('/proc/sys/kernel/osrelease'),
    file('/etc/os-release'),
    file('/proc/cpuinfo'),
    file('/proc/meminfo'),
    nvidia(probe, signal).catch(() => amd(probe, signal).catch(() => undefined)),
  ]);
  const os = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1];
  const count = cpuinfo.match(/^processor\s*:/gm)?.length;
  // Arm has no such line.
  const model = /^model name\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? 'unknown';
  const memoryKib = /^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return {
    ...(host === '' ? {} : { host: host.trim() }),
    ...(kernel === '' ? {} : { kernel: kernel.trim() }),
    ...(os === undefined ? {} : { os }),
    ...(count === undefined ? {} : { cpu: { model, count } }),
    ...(memoryKib === undefined ? {} : { memory_bytes: 1024 * Number(memoryKib) }),
    ...(accelerators === undefined ? {} : { accelerators }),
  };
}

type Accelerators = NonNullable<EnvironmentRecord['accelerators']>;

async function nvidia(probe: Probe, signal: AbortSignal): Promise<Accelerators> {
  const query = ['--query-gpu=index,name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const rows = (await probe.run(['nvidia-smi', ...query], signal)).trim().split('\n');
  const gpus = rows.map((row) => row.split(',').map((cell) => cell.trim()));
  const driver = gpus[0]?.[3];
  return {
    vendor: 'nvidia',
    ...(driver === undefined ? {} : { driver }),
    devices: gpus.map(([, name = 'unknown', memoryMib]) => ({
      name,
      ...(Number.isInteger(Number(memoryMib)) ? { memory_bytes: 1024 ** 2 * Number(memoryMib) } : {}),
    })),
  };
}

const amdGpu = z.object({
  asic: z.object({ market_name: z.string() }),
  vram: z
    .object({ size: z.object({ value: z.number() }) })
    .optional()
    .catch(undefined),
  driver: z.object({ version: z.string() }).optional().catch(undefined),
});
const amdGpus = z.union([
  z.array(amdGpu),
  z.object({ gpu_data: z.array(amdGpu) }).transform((all) => all.gpu_data),
]);

async function amd(probe: Probe, signal: AbortSignal): Promise<Accelerators> {
  const output = await probe.run(['amd-smi', 'static', '--asic', '--vram', '--driver', '--json'], signal);
  const gpus = amdGpus.parse(JSON.parse(output.slice(Math.max(0, output.search(/[[{]/)))));
  const driver = gpus[0]?.driver?.version;
  return {
    vendor: 'amd',
    ...(driver === undefined ? {} : { driver }),
    devices: gpus.map(({ asic, vram }) => ({
      name: asic.market_name,
      ...(vram === undefined ? {} : { memory_bytes: Math.round(1e6 * vram.size.value) }),
    })),
  };
}
