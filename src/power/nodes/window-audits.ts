import { energyIn } from '../energy.ts';
import { durationToleranceS, isRecord } from '../window.ts';
import type { ExpectedWindow } from './manifest.ts';
import { gpuKey, type SampledGpu } from './node-samples.ts';
import { isOf, type PowerWindow, type ReadWindows } from './windows.ts';

/** Whether the samples cover a benchmark of the job, in the form of the manifest. */
export interface WindowAudit {
  readonly benchmark_type: string;
  readonly concurrency: number;
  readonly window_file: string | null;
  readonly power_coverage_valid: boolean;
  readonly reason_codes: readonly string[];
  readonly per_device_max_sample_gap_seconds: Readonly<Record<string, number>>;
}

/** One for each benchmark that the job was supposed to run. */
export function windowAudits(
  expected: readonly ExpectedWindow[],
  { windows, duplicates }: ReadWindows,
  gpuKeys: readonly string[],
  sampled: readonly SampledGpu[],
): WindowAudit[] {
  return expected.map((asked) => {
    const window = windows.find((one) => isOf(one, asked));
    const isTwice = duplicates.some((one) => isOf(one, asked));
    const absent = isTwice ? 'measurement_window_duplicate' : 'measurement_window_missing';
    const faults = window === undefined ? [absent] : faultsOfWindow(window);
    const covered =
      window === undefined || faults.length > 0 ? undefined : coverageOf(window, gpuKeys, sampled);
    const reasons = [...new Set([...faults, ...(covered?.faults ?? [])])];
    return {
      benchmark_type: asked.benchmarkType,
      concurrency: asked.concurrency,
      window_file: window?.file ?? null,
      power_coverage_valid: reasons.length === 0,
      reason_codes: reasons,
      per_device_max_sample_gap_seconds:
        covered === undefined || reasons.length > 0 ? {} : Object.fromEntries(covered.gapsS),
    };
  });
}

/** Why a window cannot be used regardless of the samples: the benchmark did not finish, or wrote another result. */
function faultsOfWindow({ isCompleted, result, startS, endS, durationS }: PowerWindow): string[] {
  if (!isCompleted || endS === undefined || durationS === undefined) return ['measurement_window_incomplete'];
  if (typeof result === 'string') return ['measurement_window_result_missing'];
  const { value } = result;
  if (
    !isRecord(value) ||
    value.benchmark_start_time_unix !== startS ||
    value.benchmark_end_time_unix !== endS ||
    value.duration !== durationS
  )
    return ['measurement_window_result_mismatch'];
  const isFar = Math.abs(endS - startS - durationS) > durationToleranceS(durationS);
  return isFar ? ['measurement_window_clock_mismatch'] : [];
}

/** The longest time without a sample of each GPU, and why the samples do not cover the window. */
function coverageOf(
  { startS, endS = startS }: PowerWindow,
  gpuKeys: readonly string[],
  sampled: readonly SampledGpu[],
): { readonly gapsS: readonly (readonly [gpu: string, gapS: number])[]; readonly faults: readonly string[] } {
  const byKey = new Map(sampled.map((gpu) => [gpuKey(gpu), gpu]));
  const faults: string[] = [];
  const gapsS: [string, number][] = [];
  for (const key of new Set(gpuKeys)) {
    const gpu = byKey.get(key);
    if (gpu !== undefined && gpu.uuids.length !== 1) {
      faults.push('gpu_uuid_changed');
      continue;
    }
    const { longestGapS, reasons } = energyIn(gpu?.samples ?? [], startS, endS);
    if (gpu === undefined || longestGapS === undefined) faults.push('measurement_window_not_bracketed');
    else gapsS.push([labelOf(gpu), longestGapS]);
    if (reasons.includes('sampling_gap_exceeded')) faults.push('sample_gap_exceeded');
  }
  return { gapsS, faults };
}

/** The name of a GPU in audits: its node and UUID, or its index if the samples disagree about the UUID. */
export function labelOf({ hostname, gpuIndex, uuids }: SampledGpu): string {
  const [uuid] = uuids;
  return uuid === undefined || uuids.length > 1 ? gpuKey({ hostname, gpuIndex }) : `${hostname}/${uuid}`;
}
