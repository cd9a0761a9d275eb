import { z } from 'zod';
import { EngineFailure } from '../engine-failure.ts';
import type { CommandOutput } from '../host.ts';

/** Runs a query on the node that is asked about. */
export type Query = (argv: readonly string[]) => Promise<CommandOutput>;

export interface Device {
  readonly index: number;
  readonly name: string;
  readonly driver: string;
  readonly memoryUsedMib: number;
  readonly memoryTotalMib: number;
  readonly utilizationPercent: number;
}

/** A process that holds a device, as the vendor's tool shows it. */
export interface DeviceProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryMib: number;
}

export interface Accelerators {
  readonly devices: readonly Device[];
  readonly processes: readonly DeviceProcess[];
}

/** What a node's accelerators are and who uses them. Throws EngineFailure where the vendor's tool does not say. */
export async function queryAccelerators(kind: 'nvidia' | 'amd', query: Query): Promise<Accelerators> {
  return kind === 'nvidia' ? await nvidia(query) : await amd(query);
}

const devicesArgv = [
  'nvidia-smi',
  '--query-gpu=index,name,driver_version,memory.used,memory.total,utilization.gpu',
  '--format=csv,noheader,nounits',
];
const processesArgv = [
  'nvidia-smi',
  '--query-compute-apps=pid,process_name,used_memory',
  '--format=csv,noheader,nounits',
];

async function nvidia(query: Query): Promise<Accelerators> {
  const devices = await answer(query, devicesArgv);
  const processes = await answer(query, processesArgv);
  return {
    devices: rows(devices).map(([index, name, driver, used, total, utilization]) => ({
      index: Number(index),
      name: name ?? '',
      driver: driver ?? '',
      memoryUsedMib: numberOrZero(used),
      memoryTotalMib: numberOrZero(total),
      utilizationPercent: numberOrZero(utilization),
    })),
    processes: unique(
      rows(processes).map(([pid, name, memory]) => ({
        pid: Number(pid),
        name: name ?? '',
        memoryMib: numberOrZero(memory),
      })),
    ),
  };
}

function rows(csv: string): string[][] {
  return csv
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(', ').map((cell) => cell.trim()));
}

const amdArgv = [
  ...['rocm-smi', '--json', '--showproductname', '--showdriverversion', '--showmeminfo', 'vram'],
  ...['--showuse', '--showpids'],
];
/** Every value is a text; the fields' capitals differ between releases. */
const rocmReport = z.record(z.string(), z.record(z.string(), z.string()));

async function amd(query: Query): Promise<Accelerators> {
  const text = await answer(query, amdArgv);
  // Warnings may come before the JSON.
  const parsed = rocmReport.safeParse(jsonIn(text));
  if (!parsed.success)
    throw new EngineFailure('cannot-start', `rocm-smi answered: ${text.trim().slice(0, 200)}`);
  const system = parsed.data.system ?? {};
  const driver = field(system, /^driver version$/i) ?? '';
  const devices = Object.entries(parsed.data).flatMap(([name, card]) => {
    const [, index] = /^card(\d+)$/.exec(name) ?? [];
    if (index === undefined) return [];
    return [
      {
        index: Number(index),
        name: field(card, /^card (series|model)$/i) ?? 'AMD GPU',
        driver,
        memoryUsedMib: mib(field(card, /^vram total used memory \(b\)$/i)),
        memoryTotalMib: mib(field(card, /^vram total memory \(b\)$/i)),
        utilizationPercent: numberOrZero(field(card, /^gpu use \(%\)$/i)),
      },
    ];
  });
  const processes = Object.entries(system).flatMap(([key, value]) => {
    const [, pid] = /^PID(\d+)$/.exec(key) ?? [];
    const [name = '', gpus, memory] = value.split(',').map((cell) => cell.trim());
    // It also lists processes that have opened the driver and use no GPU.
    if (pid === undefined || gpus === '0') return [];
    return [{ pid: Number(pid), name, memoryMib: mib(memory) }];
  });
  return { devices, processes: unique(processes) };
}

async function answer(query: Query, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await query(argv);
  if (code === 0) return stdout;
  const said = `${stderr}\n${stdout}`.trim().split('\n')[0] ?? '';
  throw new EngineFailure('cannot-start', `${argv[0]} does not answer: ${said || `exit code ${code}`}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{')));
  } catch {
    return undefined;
  }
}

function field(fields: Readonly<Record<string, string>>, name: RegExp): string | undefined {
  return Object.entries(fields).find(([key]) => name.test(key))?.[1];
}

function mib(bytes: string | undefined): number {
  return Math.round(numberOrZero(bytes) / 2 ** 20);
}

/** Tools write `[N/A]` for what a device does not tell. */
function numberOrZero(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}

/** A process that holds several devices is listed for each. */
function unique(processes: readonly DeviceProcess[]): DeviceProcess[] {
  const byPid = new Map<number, DeviceProcess>();
  for (const process of processes) {
    const memoryMib = process.memoryMib + (byPid.get(process.pid)?.memoryMib ?? 0);
    byPid.set(process.pid, { ...process, memoryMib });
  }
  return [...byPid.values()];
}

/** Drivers keep some memory of an idle device for themselves. */
const idleMemoryShare = 0.03;

/**
 * Who or what keeps devices busy, in words; empty where they are idle. Of chosen devices only the memory tells, because
 * the tools do not say alike which process holds which.
 */
export function whatIsBusy({ devices, processes }: Accelerators, chosen?: readonly number[]): string[] {
  if (processes.length > 0 && chosen === undefined) {
    return processes.map(({ pid, name, memoryMib }) => `process ${pid} (${name}) holds ${gib(memoryMib)}`);
  }
  // Processes of other containers are not listed, but their memory is.
  return devices
    .filter(({ index }) => chosen?.includes(index) ?? true)
    .filter(({ memoryUsedMib, memoryTotalMib }) => memoryUsedMib > idleMemoryShare * memoryTotalMib)
    .map(
      ({ index, memoryUsedMib }) =>
        `GPU ${index} has ${gib(memoryUsedMib)} in use by no process that is listed`,
    );
}

function gib(valueMib: number): string {
  return `${(valueMib / 1024).toFixed(1)} GiB`;
}
