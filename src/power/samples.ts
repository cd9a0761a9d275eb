import type { PowerReason } from './reasons.ts';
import { gpuColumn, tableOf } from './table.ts';
import { unixSecondsOf } from './time.ts';
import type { BenchmarkWindow } from './window.ts';

/** One GPU's power at one moment: seconds of Unix time, watts. */
export interface PowerSample {
  readonly atS: number;
  readonly powerW: number;
}

export interface ReadSamples {
  /** Of the whole file, in order of time, one a moment, by GPU; GPUs in order: numbers first. */
  readonly byGpu: ReadonlyMap<string, readonly PowerSample[]>;
  readonly reasons: readonly PowerReason[];
}

/** Samples of a benchmark's energy are those within so many seconds of it. */
const nearS = 3;
/** Longer than any cell of these tools; the public reader gives up there as well. */
const longestCell = 131_072;

/**
 * Reads the table that nvidia-smi or amd-smi writes while a benchmark runs (contract F11): columns by name, samples of one
 * time averaged.
 */
export function samplesOf(table: string, window: BenchmarkWindow): ReadSamples {
  if (table.trim() === '') return nothing('telemetry_file_empty');
  const { names, rows } = tableOf(table);
  if ([names, ...rows].some((cells) => cells.some((cell) => cell.length > longestCell)))
    return nothing('telemetry_file_unreadable');
  const at = columnsOf(names);
  const missing = columnReasons.filter(([column]) => at[column] === undefined);
  if (missing.length > 0) return nothing(...missing.map(([, reason]) => reason));

  const reasons = new Set<PowerReason>();
  const sums = new Map<string, Map<number, number[]>>();
  for (const cells of rows) {
    const cell = (column: Column) => cells[at[column] ?? -1] ?? '';
    const atS = unixSecondsOf(cell('time'));
    const powerW = wattsIn(cell('power'));
    if (atS === undefined) reasons.add('invalid_timestamp_sample');
    else if (powerW === undefined) {
      if (isNear(window, atS)) reasons.add('invalid_power_sample');
    } else if (cell('gpu') === '') reasons.add('gpu_identity_missing');
    else {
      const times = sums.get(cell('gpu')) ?? new Map<number, number[]>();
      sums.set(cell('gpu'), times.set(atS, [...(times.get(atS) ?? []), powerW]));
    }
  }
  if (sums.size === 0) reasons.add('no_usable_power_samples');
  const gpus = [...sums].toSorted(([one], [other]) => byGpuName(one, other));
  return { byGpu: new Map(gpus.map(([gpu, times]) => [gpu, averaged(times)])), reasons: [...reasons] };
}

/** The samples that a benchmark's energy can be worked out from. */
export function samplesNear(
  samples: readonly PowerSample[],
  window: BenchmarkWindow,
): readonly PowerSample[] {
  return samples.filter(({ atS }) => isNear(window, atS));
}

function isNear({ startS, endS }: BenchmarkWindow, atS: number): boolean {
  return atS >= startS - nearS && atS <= endS + nearS;
}

function nothing(...reasons: PowerReason[]): ReadSamples {
  return { byGpu: new Map(), reasons };
}

function averaged(times: ReadonlyMap<number, readonly number[]>): PowerSample[] {
  return [...times]
    .map(([atS, watts]) => ({ atS, powerW: watts.reduce((sum, one) => sum + one, 0) / watts.length }))
    .toSorted((one, other) => one.atS - other.atS);
}

type Column = 'time' | 'power' | 'gpu';
const columnReasons: readonly (readonly [Column, PowerReason])[] = [
  ['time', 'timestamp_column_missing'],
  ['power', 'power_column_missing'],
  ['gpu', 'gpu_identity_column_missing'],
];

function columnsOf(names: readonly string[]): Readonly<Partial<Record<Column, number>>> {
  const found: Record<Column, number> = {
    time: names.findIndex((name) => name.includes('time')),
    power: names.findIndex((name) => name.includes('power') && !/limit|cap|max|min/.test(name)),
    gpu: gpuColumn(names),
  };
  return Object.fromEntries(Object.entries(found).filter(([, index]) => index >= 0));
}

/** The first number in a cell such as `414.00 W`. */
function wattsIn(cell: string): number | undefined {
  const [number] = /[-+]?(?:\d+(?:\.\d*)?|\.\d+)/.exec(cell) ?? [];
  const powerW = Number(number);
  return number === undefined || powerW < 0 ? undefined : powerW;
}

/** Indices by their number, and then what has a name. */
export function byGpuName(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => (/^\d+$/.test(name) ? Number(name) : Infinity));
  if (first !== second) return (first ?? 0) - (second ?? 0);
  return one < other ? -1 : Number(one > other);
}
