import type { PowerReason } from './reasons.ts';
import { tableOf } from './table.ts';
import { unixSecondsOf } from './time.ts';
import type { BenchmarkWindow } from './window.ts';

/** One GPU's power at one moment: seconds of Unix time, watts. */
export interface PowerSample {
  readonly atS: number;
  readonly powerW: number;
}

/** The content of a table of samples, line by line; unreadable parts are undefined. */
export interface PowerReading {
  readonly atS: number | undefined;
  readonly powerW: number | undefined;
  /** Empty if the line names none. */
  readonly gpu: string;
}

export type PowerReadings = readonly PowerReading[] | { readonly reasons: readonly PowerReason[] };

/** Longer than any cell that these tools write; the public reader has the same limit. */
const longestCell = 131_072;

/**
 * Reads the table that nvidia-smi or amd-smi writes while a benchmark runs (contract F11), columns by name; or why it
 * cannot be read.
 */
export function readingsOf(text: string): PowerReadings {
  if (text === '') return { reasons: ['telemetry_file_empty'] };
  const { names, rows } = tableOf(text);
  if ([names, ...rows].some((cells) => cells.some((cell) => cell.length > longestCell)))
    return { reasons: ['telemetry_file_unreadable'] };
  const at = columnsOf(names.map((name) => name.toLowerCase()));
  const missing = columnReasons.filter(([column]) => at[column] === undefined);
  if (missing.length > 0) return { reasons: missing.map(([, reason]) => reason) };
  const cell = (cells: readonly string[], column: Column) => cells[at[column] ?? -1] ?? '';
  return rows.map((cells) => ({
    atS: unixSecondsOf(cell(cells, 'time')),
    powerW: wattsIn(cell(cells, 'power')),
    gpu: cell(cells, 'gpu'),
  }));
}

/** By GPU, in order of time; numeric GPU indices come first. */
type SamplesByGpu = ReadonlyMap<string, readonly PowerSample[]>;

export interface ReadSamples {
  readonly byGpu: SamplesByGpu;
  readonly reasons: readonly PowerReason[];
}

/** Only samples within this many seconds of a benchmark count towards its energy. */
const nearS = 3;

/** The samples from which a benchmark's energy is computed; samples with the same time are averaged. */
export function samplesNear(
  readings: readonly PowerReading[],
  { startS, endS }: BenchmarkWindow,
): ReadSamples {
  const reasons = new Set<PowerReason>();
  const sums = new Map<string, Map<number, Readings>>();
  let isNameless = false;
  for (const { atS, powerW, gpu } of readings) {
    if (atS === undefined) reasons.add('invalid_timestamp_sample');
    else if (atS < startS - nearS || atS > endS + nearS) continue;
    else if (powerW === undefined || powerW < 0) reasons.add('invalid_power_sample');
    else if (gpu === '') isNameless = true;
    else {
      const times = sums.get(gpu) ?? new Map<number, Readings>();
      if (times.size === 0) sums.set(gpu, times);
      const { sumW, count } = times.get(atS) ?? { sumW: 0, count: 0 };
      times.set(atS, { sumW: sumW + powerW, count: count + 1 });
    }
  }
  if (isNameless) reasons.add('gpu_identity_missing');
  if (sums.size === 0) reasons.add('no_usable_power_samples');
  return {
    byGpu: inOrder(new Map([...sums].map(([gpu, times]) => [gpu, averaged(times)]))),
    reasons: [...reasons],
  };
}

/** All samples that can be read, whenever they are from. */
export function allSamples(readings: readonly PowerReading[]): SamplesByGpu {
  const byGpu = new Map<string, PowerSample[]>();
  for (const { atS, powerW, gpu } of readings) {
    if (atS === undefined || powerW === undefined || gpu === '') continue;
    const samples = byGpu.get(gpu) ?? [];
    if (samples.length === 0) byGpu.set(gpu, samples);
    samples.push({ atS, powerW });
  }
  for (const samples of byGpu.values()) samples.sort(byTimeAndPower);
  return inOrder(byGpu);
}

function byTimeAndPower(one: PowerSample, other: PowerSample): number {
  return one.atS - other.atS || one.powerW - other.powerW;
}

function inOrder(byGpu: SamplesByGpu): SamplesByGpu {
  return new Map([...byGpu].toSorted(([one], [other]) => byGpuName(one, other)));
}

/** Readings of one time. */
interface Readings {
  readonly sumW: number;
  readonly count: number;
}

function averaged(times: ReadonlyMap<number, Readings>): PowerSample[] {
  return [...times]
    .map(([atS, { sumW, count }]) => ({ atS, powerW: sumW / count }))
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
    gpu: names.findIndex((name) => /^(index|gpu|gpu_id|gpu_index|card|device)$/.test(name)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, index]) => index >= 0));
}

/** The first number in a cell such as `414.00 W`. */
function wattsIn(cell: string): number | undefined {
  const [number] = /[-+]?(?:\d+(?:\.\d*)?|\.\d+)/.exec(cell) ?? [];
  const powerW = Number(number);
  return number === undefined || !Number.isFinite(powerW) ? undefined : powerW;
}

/** Sorts numeric indices first, then names. */
export function byGpuName(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => (/^\d+$/.test(name) ? Number(name) : Infinity));
  if (first !== second) return (first ?? 0) - (second ?? 0);
  return one < other ? -1 : Number(one > other);
}
