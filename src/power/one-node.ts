import { integrationMethod, type JudgedPower, type PowerAudit, publicWindow } from './audit.ts';
import { type CounterCheck, type CounterFiles, counterCheck } from './counters.ts';
import { energyIn, type WindowEnergy } from './energy.ts';
import { auditDecimals, metricsOf, namesNotFinite, roundedMetrics, rowDecimals } from './metrics.ts';
import type { BenchmarkResult } from './nodes/result-window.ts';
import { eachOnce, type PowerReason } from './reasons.ts';
import {
  allSamples,
  type PowerReadings,
  type PowerSample,
  type ReadSamples,
  readingsOf,
  samplesNear,
} from './samples.ts';
import { type BenchmarkWindow, windowOf } from './window.ts';

/** How a missing file of samples is represented. */
type FileReason = 'telemetry_file_missing' | 'telemetry_file_unreadable';

/** The inputs for computing the power of one node. */
export interface NodePower {
  /** The file of samples: its name as given, and its text or why there is none. */
  readonly telemetry: { readonly name: string; readonly text: string | { readonly reason: FileReason } };
  readonly counters: CounterFiles;
  readonly result: BenchmarkResult;
  readonly expectedGpus: number;
}

/** The audit file of measured power of one node. */
export interface NodePowerAudit extends PowerAudit {
  readonly observed_gpu_ids: readonly string[];
  readonly per_gpu_sample_counts: Readonly<Record<string, number>>;
  readonly per_gpu_energy_j: Readonly<Record<string, number>>;
  readonly device_issues: Readonly<Record<string, readonly PowerReason[]>>;
  readonly accumulator_check: CounterCheck | null;
  /** Where the window should have come from, if it is not in a benchmark result. */
  readonly window_source?: string;
  /** An unexpected error. */
  readonly internal_error?: { readonly type: string; readonly message: string };
}

/** Computes the energy of one node in a benchmark's window and says whether it can be used. */
export function powerOfNode({
  telemetry,
  counters,
  result,
  expectedGpus,
}: NodePower): JudgedPower<NodePowerAudit> {
  const { window, reasons } = windowOf(result.value);
  const read: PowerReadings =
    typeof telemetry.text === 'string' ? readingsOf(telemetry.text) : { reasons: [telemetry.text.reason] };
  const samples = window === undefined ? none : samplesIn(read, window);
  const gpus = window === undefined ? [] : energyByGpu(samples, window);
  const found = eachOnce([
    ...reasons,
    ...(window === undefined || expectedGpus > 0 ? [] : (['invalid_expected_gpu_count'] as const)),
    ...samples.reasons,
    ...(gpus.length === 0 || expectedGpus <= 0 || gpus.length === expectedGpus
      ? []
      : (['expected_gpu_count_mismatch'] as const)),
    ...gpus.flatMap((one) => one.reasons),
  ]);
  const energies = gpus.flatMap(({ energyJ }) => (energyJ === undefined ? [] : [energyJ]));
  const worked = found.length === 0 && window !== undefined ? metricsOf(window, energies) : undefined;
  const addsUp = worked === undefined || namesNotFinite(worked).length === 0;
  const [metrics, all] = addsUp ? [worked, found] : [undefined, ['non_finite_power_metric'] as const];
  const ofEach = <T>(value: (one: (typeof gpus)[number]) => T | undefined) =>
    Object.fromEntries(
      gpus.flatMap((one): [string, T][] => {
        const found = value(one);
        return found === undefined ? [] : [[one.gpu, found]];
      }),
    );
  const audit: NodePowerAudit = {
    schema_version: 1,
    power_valid: all.length === 0,
    reasons: all,
    telemetry_source: telemetry.name,
    benchmark_result: result.name,
    benchmark_window: publicWindow(window),
    integration_method: integrationMethod,
    expected_gpu_count: expectedGpus,
    observed_gpu_count: gpus.length,
    observed_gpu_ids: gpus.map(({ gpu }) => gpu),
    per_gpu_sample_counts: ofEach(({ count }) => count),
    per_gpu_max_sample_gap_s: ofEach(({ longestGapS }) => longestGapS),
    per_gpu_energy_j: ofEach(({ energyJ }) => energyJ),
    device_issues: ofEach((one) => (one.reasons.length === 0 ? undefined : one.reasons)),
    accumulator_check: counterCheck(counters, streamIn(read)),
    metrics: metrics === undefined ? {} : roundedMetrics(metrics, auditDecimals),
  };
  return metrics === undefined ? { audit } : { audit, metrics: roundedMetrics(metrics, rowDecimals) };
}

/** The audit if power could not be computed for a reason other than the samples. */
export function unjudgedPower(
  source: string,
  result: BenchmarkResult,
  expectedGpus: number,
  { name: type, message }: Error,
): JudgedPower<NodePowerAudit> {
  const reason = 'aggregation_internal_error';
  const { audit } = powerWithoutWindow({ source, result, expectedGpus, reason });
  return { audit: { ...audit, internal_error: { type, message } } };
}

/** The audit if the window is not known, so that no sample was looked at. */
export function powerWithoutWindow({
  source,
  result: { name },
  expectedGpus,
  reason,
}: {
  readonly source: string;
  readonly result: BenchmarkResult;
  readonly expectedGpus: number;
  readonly reason: PowerReason;
}): JudgedPower<NodePowerAudit> {
  const telemetry = { name: source, text: '' };
  const counters = { start: undefined, end: undefined };
  const { audit } = powerOfNode({ telemetry, counters, result: { name, value: undefined }, expectedGpus });
  return { audit: { ...audit, reasons: [reason], accumulator_check: null } };
}

const none: ReadSamples = { byGpu: new Map(), reasons: [] };

function samplesIn(read: PowerReadings, window: BenchmarkWindow): ReadSamples {
  return 'reasons' in read ? { ...none, reasons: read.reasons } : samplesNear(read, window);
}

/** The samples to compare counters with. */
function streamIn(read: PowerReadings): ReadonlyMap<string, readonly PowerSample[]> | undefined {
  if (!('reasons' in read)) return allSamples(read);
  const isTable = !read.reasons.some((reason) => /^telemetry_file_(missing|unreadable)$/.test(reason));
  return isTable ? new Map() : undefined;
}

interface GpuEnergy extends WindowEnergy {
  readonly gpu: string;
  readonly count: number;
}

function energyByGpu({ byGpu }: ReadSamples, window: BenchmarkWindow): GpuEnergy[] {
  return [...byGpu].map(([gpu, near]) => ({
    gpu,
    count: near.length,
    ...energyIn(near, window.startS, window.endS),
  }));
}
