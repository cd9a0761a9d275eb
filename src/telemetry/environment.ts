import { z } from 'zod';
import { amdGpus, amdMegabyte, amdValue, jsonAfterWarnings } from './amd-json.ts';
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

const answerTimeoutMs = 10_000;

/** Reads what a Linux node is made of; whatever is not there or does not answer in time is left out. */
export async function environmentOf(
  probe: Probe,
  signal = AbortSignal.timeout(answerTimeoutMs),
): Promise<EnvironmentRecord> {
  const file = async (path: string) => await probe.readFile(path).catch(() => '');
  const [host, kernel, release, cpuinfo, meminfo, accelerators] = await Promise.all([
    file('/proc/sys/kernel/hostname'),
    file('/proc/sys/kernel/osrelease'),
    file('/etc/os-release'),
    file('/proc/cpuinfo'),
    file('/proc/meminfo'),
    acceleratorsOf(probe, signal),
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

/** By the first tool that answers. */
async function acceleratorsOf(probe: Probe, signal: AbortSignal): Promise<Accelerators | undefined> {
  for (const tool of [nvidiaSmi, amdSmi, rocmSmi]) {
    const found = await tool(probe, signal).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function nvidiaSmi(probe: Probe, signal: AbortSignal): Promise<Accelerators> {
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
  vram: z.object({ size: amdValue }).optional().catch(undefined),
  driver: z.object({ version: z.string() }).optional().catch(undefined),
});

async function amdSmi(probe: Probe, signal: AbortSignal): Promise<Accelerators> {
  const output = await probe.run(['amd-smi', 'static', '--asic', '--vram', '--driver', '--json'], signal);
  const gpus = amdGpus(amdGpu, output);
  const driver = gpus[0]?.driver?.version;
  return {
    vendor: 'amd',
    ...(driver === undefined ? {} : { driver }),
    devices: gpus.map(({ asic, vram }) => ({
      name: asic.market_name,
      ...(vram?.size === undefined ? {} : { memory_bytes: Math.round(amdMegabyte * vram.size) }),
    })),
  };
}

const rocmReport = z.record(z.string(), z.record(z.string(), z.string()));

async function rocmSmi(probe: Probe, signal: AbortSignal): Promise<Accelerators> {
  const shown = ['--showproductname', '--showdriverversion', '--showmeminfo', 'vram', '--json'];
  const report = rocmReport.parse(jsonAfterWarnings(await probe.run(['rocm-smi', ...shown], signal)));
  const driver = field(report.system, /^driver version$/i);
  const cards = Object.entries(report).filter(([name]) => /^card\d+$/.test(name));
  return {
    vendor: 'amd',
    ...(driver === undefined ? {} : { driver }),
    devices: cards.map(([, card]) => {
      const memoryBytes = Number(field(card, /^vram total memory \(b\)$/i));
      return {
        name: field(card, /^card (series|model)$/i) ?? 'unknown',
        ...(Number.isInteger(memoryBytes) ? { memory_bytes: memoryBytes } : {}),
      };
    }),
  };
}

/** The fields' capitals differ between releases. */
function field(fields: Readonly<Record<string, string>> = {}, name: RegExp): string | undefined {
  return Object.entries(fields).find(([key]) => name.test(key))?.[1];
}
