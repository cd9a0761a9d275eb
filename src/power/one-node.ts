import { type CounterCheck, type CounterFiles, counterCheck } from './counters.ts';
import { energyIn, type WindowEnergy } from './energy.ts';
import { auditDecimals, metricsOf, type PowerMetrics, rowDecimals } from './metrics.ts';
import { type PowerReason, reasonsInOrder } from './reasons.ts';
import { type ReadSamples, samplesNear, samplesOf } from './samples.ts';
import { type BenchmarkWindow, windowOf } from './window.ts';

/** What a file of samples that has no text is. */
type FileReason = 'telemetry_file_missing' | 'telemetry_file_unreadable';

/** What power of one node is worked out from. */
export interface NodePower {
  /** The file of samples: its name as it was given, and its text or why there is none. */
  readonly telemetry: { readonly name: string; readonly text: string | { readonly reason: FileReason } };
  readonly counters: CounterFiles;
  /** The benchmark's result, undefined if it is no JSON. */
  readonly result: { readonly name: string; readonly value: unknown };
  readonly expectedGpus: number;
}

/** The audit file of measured power (contract F11). */
export interface PowerAudit {
  readonly schema_version: 1;
  readonly power_valid: boolean;
  readonly reasons: readonly PowerReason[];
  readonly telemetry_source: string;
  readonly benchmark_result: string;
  readonly benchmark_window: Readonly<Record<string, number>> | null;
  readonly integration_method: string;
  readonly expected_gpu_count: number;
  readonly observed_gpu_count: number;
  readonly observed_gpu_ids: readonly string[];
  readonly per_gpu_sample_counts: Readonly<Record<string, number>>;
  readonly per_gpu_max_sample_gap_s: Readonly<Record<string, number>>;
  readonly per_gpu_energy_j: Readonly<Record<string, number>>;
  readonly device_issues: Readonly<Record<string, readonly PowerReason[]>>;
  readonly accumulator_check: CounterCheck | null;
  readonly metrics: Partial<PowerMetrics>;
}

/** An audit, and the figures of a row if they can be used. */
export interface JudgedPower {
  readonly audit: PowerAudit;
  readonly metrics?: PowerMetrics;
}

/** Works out the energy of one node in a benchmark's window and says whether it can be used. */
export function powerOfNode({ telemetry, counters, result, expectedGpus }: NodePower): JudgedPower {
  const { window, reasons } = windowOf(result.value);
  const samples = window === undefined ? none : read(telemetry.text, window);
  const gpus = window === undefined ? [] : energyByGpu(samples, window);
  const all = reasonsInOrder([
    ...reasons,
    ...samples.reasons,
    ...(gpus.length === 0 ? [] : countReasons(expectedGpus, gpus.length)),
    ...gpus.flatMap((one) => one.reasons),
  ]);
  const energies = gpus.flatMap(({ energyJ }) => (energyJ === undefined ? [] : [energyJ]));
  const ofEach = <T>(value: (one: (typeof gpus)[number]) => T | undefined) =>
    Object.fromEntries(
      gpus.flatMap((one): [string, T][] => {
        const found = value(one);
        return found === undefined ? [] : [[one.gpu, found]];
      }),
    );
  const usable = all.length === 0 ? window : undefined;
  const audit: PowerAudit = {
    schema_version: 1,
    power_valid: all.length === 0,
    reasons: all,
    telemetry_source: telemetry.name,
    benchmark_result: result.name,
    benchmark_window: window === undefined ? null : publicWindow(window),
    integration_method: 'per_device_trapezoidal_with_linear_boundary_interpolation',
    expected_gpu_count: expectedGpus,
    observed_gpu_count: gpus.length,
    observed_gpu_ids: gpus.map(({ gpu }) => gpu),
    per_gpu_sample_counts: ofEach(({ count }) => count),
    per_gpu_max_sample_gap_s: ofEach(({ longestGapS }) => longestGapS),
    per_gpu_energy_j: ofEach(({ energyJ }) => energyJ),
    device_issues: ofEach((one) => (one.reasons.length === 0 ? undefined : one.reasons)),
    accumulator_check: counterCheck(counters, samples.byGpu),
    metrics: usable === undefined ? {} : metricsOf(usable, energies, auditDecimals),
  };
  return usable === undefined ? { audit } : { audit, metrics: metricsOf(usable, energies, rowDecimals) };
}

/** The same, if the row cannot take the figures. */
export function withoutRow({ audit }: JudgedPower, reason: PowerReason): JudgedPower {
  const reasons = reasonsInOrder([...audit.reasons, reason]);
  return { audit: { ...audit, power_valid: false, reasons, metrics: {} } };
}

const none: ReadSamples = { byGpu: new Map(), reasons: [] };

function read(text: NodePower['telemetry']['text'], window: BenchmarkWindow): ReadSamples {
  return typeof text === 'string' ? samplesOf(text, window) : { ...none, reasons: [text.reason] };
}

interface GpuEnergy extends WindowEnergy {
  readonly gpu: string;
  readonly count: number;
}

function energyByGpu({ byGpu }: ReadSamples, window: BenchmarkWindow): GpuEnergy[] {
  return [...byGpu].map(([gpu, all]) => {
    const near = samplesNear(all, window);
    return { gpu, count: near.length, ...energyIn(near, window.startS, window.endS) };
  });
}

function countReasons(expected: number, observed: number): PowerReason[] {
  if (expected <= 0) return ['invalid_expected_gpu_count'];
  return expected === observed ? [] : ['expected_gpu_count_mismatch'];
}

function publicWindow(window: BenchmarkWindow): Readonly<Record<string, number>> {
  return {
    start_time_unix: window.startS,
    end_time_unix: window.endS,
    reported_duration_s: window.reportedDurationS,
    integration_duration_s: window.endS - window.startS,
    completed: window.completed,
    total_input_tokens: window.inputTokens,
    total_output_tokens: window.outputTokens,
  };
}
