import { defined } from '../../defined/defined.ts';
import { pythonText } from '../../python-text.ts';
import { integrationMethod, type JudgedPower, type PowerAudit, publicWindow } from '../audit.ts';
import { energyIn, sum } from '../energy.ts';
import {
  auditDecimals,
  metricsOf,
  namesNotFinite,
  type PowerMetrics,
  roundedMetrics,
  rowDecimals,
} from '../metrics.ts';
import { eachOnce, type PowerReason } from '../reasons.ts';
import { type BenchmarkWindow, windowOf } from '../window.ts';
import type { GpuRole, Producer } from './manifest.ts';
import { gpuKey } from './node-samples.ts';
import { type PowerPackage, type ReadPackage, readPackage } from './package.ts';
import { type BenchmarkResult, windowOfResult } from './result-window.ts';
import { type AskedGpus, faultsOfTopology } from './topology.ts';
import { labelOf } from './window-audits.ts';
import type { PowerWindow } from './windows.ts';

/** Why there is no package. */
export interface NoPackage {
  readonly reason: 'power_artifacts_missing' | 'manifest_missing' | 'manifest_malformed';
  readonly fault: string;
}

/** The inputs for computing the power of several nodes. */
export interface NodesPower {
  /** The folder of the package, as given by the user. */
  readonly folder: string;
  readonly package: PowerPackage | NoPackage;
  readonly result: BenchmarkResult;
  /** Path of a result in the logs, for messages. */
  readonly pathOf: (resultPath: string) => string;
  readonly gpus: AskedGpus;
  /** The only producer commit that is accepted; if it is missing, no package is accepted. */
  readonly expectedCommit: string | undefined;
}

/** The audit file of measured power of several nodes. */
export interface NodesPowerAudit extends PowerAudit {
  /** Details of the reasons, about these files. */
  readonly failures: readonly string[];
  readonly selected_window: Readonly<Record<string, string | number | undefined>> | null;
  readonly producer: {
    readonly producer_git_commit: string | null;
    readonly expected_producer_git_commit: string | null;
    readonly exporter_image_sha256: string | null;
    readonly stored_publication_valid: boolean | null;
    readonly recomputed_publication_valid: boolean | null;
  };
  readonly per_gpu_role: Readonly<Record<string, GpuRole>>;
  /** Null if the value is too large for a number. */
  readonly per_gpu_energy_j: Readonly<Record<string, number | null>>;
  readonly metrics: Partial<NodesPowerMetrics>;
}

/** The power fields of a multi-node row: for all GPUs, and for each role over the whole window. */
export interface NodesPowerMetrics extends PowerMetrics {
  readonly prefill_gpu_energy_j?: number;
  readonly prefill_avg_power_w?: number;
  readonly prefill_joules_per_input_token?: number;
  readonly decode_gpu_energy_j?: number;
  readonly decode_avg_power_w?: number;
  readonly decode_joules_per_output_token?: number;
}

/**
 * Computes the energy of several nodes in a benchmark's window and says whether it can be used (contract F11). Nothing
 * that the package says about itself is trusted: everything is recomputed, and a difference makes the power invalid.
 */
export function powerOfNodes(power: NodesPower): JudgedPower<NodesPowerAudit> {
  const benchmark = windowOf(power.result.value);
  const usable = benchmark.reasons.length === 0 ? benchmark.window : undefined;
  const judged = judgedPackage(power, usable);
  const { read, selected } = judged;
  const gpus =
    read === undefined || selected === undefined || usable === undefined || judged.reasons.length > 0
      ? []
      : energies(read, selected);
  const metrics = usable === undefined || gpus.length === 0 ? undefined : figuresOf(gpus, usable, power.gpus);
  const notFinite = metrics === undefined ? [] : namesNotFinite(metrics);
  const reasons = eachOnce([
    ...judged.reasons,
    ...(notFinite.length > 0 ? (['non_finite_power_metric'] as const) : []),
    ...benchmark.reasons,
  ]);
  const valid = reasons.length === 0 ? metrics : undefined;
  const audit: NodesPowerAudit = {
    schema_version: 1,
    power_valid: valid !== undefined,
    reasons,
    failures: notFinite.length === 0 ? judged.faults : [`non-finite: ${notFinite.join(', ')}`],
    telemetry_source: power.folder,
    benchmark_result: power.result.name,
    benchmark_window: publicWindow(benchmark.window),
    selected_window: selected === undefined ? null : publicSelected(selected),
    integration_method: integrationMethod,
    producer: {
      producer_git_commit: judged.producer?.commit ?? null,
      expected_producer_git_commit: power.expectedCommit ?? null,
      exporter_image_sha256: judged.producer?.exporterSha256 ?? null,
      stored_publication_valid: judged.producer?.storedVerdict ?? null,
      recomputed_publication_valid: judged.recomputed,
    },
    expected_gpu_count: read?.gpus.length ?? 0,
    observed_gpu_count: read?.sampled.length ?? 0,
    per_gpu_role: rolesByLabel(read),
    per_gpu_max_sample_gap_s: Object.fromEntries(gpus.map(({ label, gapS }) => [label, gapS])),
    per_gpu_energy_j: Object.fromEntries(
      gpus.map(({ label, energyJ }) => [label, Number.isFinite(energyJ) ? energyJ : null]),
    ),
    metrics: valid === undefined ? {} : roundedMetrics(valid, auditDecimals),
  };
  return valid === undefined ? { audit } : { audit, metrics: roundedMetrics(valid, rowDecimals) };
}

interface JudgedPackage {
  readonly reasons: readonly PowerReason[];
  readonly faults: readonly string[];
  readonly producer?: Producer;
  /** Whether the bytes of the package are valid; null if they were not checked. */
  readonly recomputed: boolean | null;
  readonly read?: ReadPackage;
  readonly selected?: PowerWindow;
}

function judgedPackage(power: NodesPower, benchmark: BenchmarkWindow | undefined): JudgedPackage {
  if ('reason' in power.package)
    return { reasons: [power.package.reason], faults: [power.package.fault], recomputed: null };
  const read = readPackage(power.package);
  const { producer } = read;
  const pin = faultOfCommit(producer, power.expectedCommit);
  const reasons = pin === undefined ? [] : [pin.reason];
  const faults = pin === undefined ? [] : [pin.fault];
  if ('fault' in read) {
    return {
      reasons: [...reasons, 'manifest_malformed'],
      faults: [...faults, read.fault],
      producer,
      recomputed: false,
    };
  }
  const recomputed = read.faults.length === 0;
  const verdict = faultOfVerdict(producer.storedVerdict, recomputed);
  const topology = faultsOfTopology(read.gpus, read.roles, power.gpus);
  const found = windowOfResult(read.windows, power.result, benchmark, power.pathOf);
  return {
    reasons: [
      ...reasons,
      ...(recomputed ? [] : (['package_recompute_invalid'] as const)),
      ...(verdict === undefined ? [] : [verdict.reason]),
      ...(topology.length === 0 ? [] : (['topology_env_mismatch'] as const)),
      ...('window' in found ? [] : [found.reason]),
    ],
    faults: [
      ...faults,
      ...read.faults,
      ...(verdict === undefined ? [] : [verdict.fault]),
      ...topology,
      ...('window' in found ? [] : [found.fault]),
    ],
    producer,
    recomputed,
    read,
    ...defined({ selected: 'window' in found ? found.window : undefined }),
  };
}

/** A reason, with details about the files. */
interface Objection {
  readonly reason: PowerReason;
  readonly fault: string;
}

function faultOfCommit({ commit }: Producer, expected: string | undefined): Objection | undefined {
  if (expected === undefined || expected === '')
    return { reason: 'producer_pin_missing', fault: 'no expected producer SHA configured' };
  if (commit === expected) return undefined;
  const fault = `producer_git_commit ${pythonText(commit)} != expected ${pythonText(expected)}`;
  return { reason: 'producer_commit_mismatch', fault };
}

function faultOfVerdict(stored: boolean | null, recomputed: boolean): Objection | undefined {
  if (stored !== recomputed) {
    const fault = `stored publication_valid=${pythonText(stored)}, recomputed=${pythonText(recomputed)}`;
    return { reason: 'producer_verdict_mismatch', fault };
  }
  if (stored) return undefined;
  return { reason: 'package_recompute_invalid', fault: 'stored and recomputed both invalid' };
}

interface NodeGpuEnergy {
  readonly label: string;
  readonly role: GpuRole | undefined;
  readonly energyJ: number;
  readonly gapS: number;
}

/** The energy of every GPU in the window, which the samples of a valid package cover. */
function energies(
  { gpus, roles, sampled }: ReadPackage,
  { startS, endS = startS }: PowerWindow,
): NodeGpuEnergy[] {
  return gpus.flatMap((expected) => {
    const key = gpuKey(expected);
    const gpu = sampled.find((one) => gpuKey(one) === key);
    const { energyJ, longestGapS: gapS } = energyIn(gpu?.samples ?? [], startS, endS);
    if (gpu === undefined || energyJ === undefined || gapS === undefined) return [];
    return [{ label: labelOf(gpu), role: roles.get(key), energyJ, gapS }];
  });
}

function figuresOf(
  gpus: readonly NodeGpuEnergy[],
  benchmark: BenchmarkWindow,
  asked: AskedGpus,
): NodesPowerMetrics {
  const durationS = benchmark.endS - benchmark.startS;
  const energyOf = (role: keyof AskedGpus) =>
    asked[role] > 0 ? sum(gpus.filter((gpu) => gpu.role === role).map((gpu) => gpu.energyJ)) : undefined;
  const per = (energyJ: number | undefined, count: number) =>
    energyJ === undefined ? undefined : energyJ / count;
  const [prefillJ, decodeJ] = [energyOf('prefill'), energyOf('decode')];
  return {
    ...metricsOf(
      benchmark,
      gpus.map(({ energyJ }) => energyJ),
    ),
    ...defined({
      prefill_gpu_energy_j: prefillJ,
      prefill_avg_power_w: per(prefillJ, durationS * asked.prefill),
      prefill_joules_per_input_token: per(prefillJ, benchmark.inputTokens),
      decode_gpu_energy_j: decodeJ,
      decode_avg_power_w: per(decodeJ, durationS * asked.decode),
      decode_joules_per_output_token: per(decodeJ, benchmark.outputTokens),
    }),
  };
}

function publicSelected(window: PowerWindow): NonNullable<NodesPowerAudit['selected_window']> {
  return {
    window_file: window.file,
    result_path: window.resultPath,
    benchmark_type: window.benchmarkType,
    concurrency: window.concurrency,
    start_time_unix: window.startS,
    end_time_unix: window.endS,
    duration: window.durationS,
  };
}

function rolesByLabel(read: ReadPackage | undefined): Readonly<Record<string, GpuRole>> {
  const labels = new Map(read?.sampled.map((gpu) => [gpuKey(gpu), labelOf(gpu)]));
  const roles = [...(read?.roles ?? [])].map(([key, role]) => [labels.get(key) ?? key, role] as const);
  return Object.fromEntries(roles);
}
