import { energyOfAll, sum } from './energy.ts';
import { byGpuName, type PowerSample } from './samples.ts';
import { tableOf } from './table.ts';

/** Readings of a GPU's own energy counter by GPU, joules. A string is the content of a file, undefined if there is none. */
export interface CounterFiles {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** The tolerated difference between the counters and the integral of the samples. */
const tolerance = 0.05;

/** The counters' energy next to that of the samples, in the form of an audit; it does not affect validity (contract F11). */
export type CounterCheck =
  | { readonly available: false; readonly reason: string }
  | {
      readonly available: true;
      readonly accumulator_delta_j: number;
      readonly integrated_stream_j: number;
      readonly relative_error: number | null;
      readonly within_tolerance: boolean;
      readonly tolerance: number;
      readonly per_gpu_delta_j: Readonly<Record<string, number>>;
      readonly integrated_gpu_ids: readonly string[];
      readonly unmatched_gpus: readonly string[];
      readonly negative_delta_gpus: readonly string[];
      readonly stream_span_s: number;
    };

/** Compares the counters of both ends with the samples between, undefined if they cannot be read. Null if there are no counters. */
export function counterCheck(
  { start, end }: CounterFiles,
  byGpu: ReadonlyMap<string, readonly PowerSample[]> | undefined,
): CounterCheck | null {
  if (start === undefined && end === undefined) return null;
  if (start === undefined) return { available: false, reason: 'missing_start_snapshot' };
  if (end === undefined) return { available: false, reason: 'missing_end_snapshot' };
  const [before, after] = [countersIn(start), countersIn(end)];
  if (before === undefined) return { available: false, reason: 'unparseable_start_snapshot' };
  if (after === undefined) return { available: false, reason: 'unparseable_end_snapshot' };
  if (byGpu === undefined) return { available: false, reason: 'cross_check_error' };
  return compared(before, after, byGpu);
}

function compared(
  start: ReadonlyMap<string, number>,
  end: ReadonlyMap<string, number>,
  byGpu: ReadonlyMap<string, readonly PowerSample[]>,
): CounterCheck {
  const all = [...new Set([...start.keys(), ...end.keys()])].toSorted(byGpuName);
  const matched = all.flatMap((gpu) => {
    const [from, to] = [start.get(gpu), end.get(gpu)];
    return from === undefined || to === undefined ? [] : [{ gpu, deltaJ: to - from }];
  });
  const integrated = matched.flatMap(({ gpu }) => {
    const samples = byGpu.get(gpu);
    return samples === undefined ? [] : [{ gpu, samples }];
  });
  const deltaJ = sum(matched.map((one) => one.deltaJ));
  const integratedJ = sum(integrated.map(({ samples }) => energyOfAll(samples)));
  const negative = matched.filter((one) => one.deltaJ < 0).map(({ gpu }) => gpu);
  const error = deltaJ > 0 ? Math.abs(deltaJ - integratedJ) / deltaJ : null;
  const names = matched.map(({ gpu }) => gpu);
  return {
    available: true,
    accumulator_delta_j: deltaJ,
    integrated_stream_j: integratedJ,
    relative_error: error,
    within_tolerance: error !== null && error <= tolerance && negative.length === 0,
    tolerance,
    per_gpu_delta_j: Object.fromEntries(matched.map((one) => [one.gpu, one.deltaJ])),
    integrated_gpu_ids: integrated.map(({ gpu }) => gpu),
    unmatched_gpus: all.filter((gpu) => !names.includes(gpu)),
    negative_delta_gpus: negative,
    stream_span_s: spanOf(integrated.map(({ samples }) => samples)),
  };
}

/** From the first sample of any GPU to the last, seconds; each GPU's are in order of time. */
function spanOf(all: readonly (readonly PowerSample[])[]): number {
  const [first, last] = [
    all.flatMap((one) => one[0]?.atS ?? []),
    all.flatMap((one) => one.at(-1)?.atS ?? []),
  ];
  return first.length === 0 ? 0 : Math.max(...last) - Math.min(...first);
}

/** `gpu,total_energy_consumption,…` of amd-smi; undefined for a table without these columns or without readings. */
function countersIn(table: string): ReadonlyMap<string, number> | undefined {
  const { names, rows } = tableOf(table);
  const [gpu, energy] = [names.indexOf('gpu'), names.indexOf('total_energy_consumption')];
  if (gpu < 0 || energy < 0) return undefined;
  const readings = rows.flatMap((cells): [string, number][] => {
    const [name = '', joules = ''] = [cells[gpu], cells[energy]];
    return name === '' || joules === '' || !Number.isFinite(Number(joules)) ? [] : [[name, Number(joules)]];
  });
  return readings.length === 0 ? undefined : new Map(readings);
}
