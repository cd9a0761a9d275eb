import { z } from 'zod';
import { pythonText } from '../../python-text.ts';
import { reasonFor } from '../../schema-words.ts';
import { isFiniteNumber, isRecord } from '../window.ts';

/** The literal values that identify a complete manifest of power samples (contract F11). */
export const fixed = {
  schema_version: 1,
  producer: 'srt-slurm.dcgm-power',
  source_metric: 'DCGM_FI_DEV_POWER_USAGE',
  unit: 'W',
  power_scope: 'gpu_device_board_as_reported_by_dcgm',
  timestamp_source: 'head_node_unix_clock',
  status: 'complete',
} as const;

/** Windows and samples use the same clock. */
export const clockSource = fixed.timestamp_source;
export const packageVersion = fixed.schema_version;

/** Reasons why samples or benchmarks ended early; a complete package has none of them. */
const endedEarly = [
  'exporter_exited',
  'collector_exception',
  'collector_interrupted',
  'collector_join_timeout',
  'benchmark_child_reap_timeout',
];
/** Reasons why sampling never started; they are allowed only if power was not required. */
const neverBegan = ['exporter_startup_timeout', 'exporter_launch_failed', 'endpoint_resolution_failed'];

export type Manifest = Readonly<Record<string, unknown>>;

/** Reasons why the package cannot be used, from the form of its manifest and the events in it. */
export function faultsOfManifest(manifest: Manifest): string[] {
  const faults = Object.entries(fixed).flatMap(([field, expected]) =>
    manifest[field] === expected
      ? []
      : [`${field} is ${pythonText(manifest[field])}, expected ${pythonText(expected)}`],
  );
  const check = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };
  const { required, reason_codes: codes, dcgm_exporter: exporter } = manifest;
  check(isFiniteNumber(manifest.started_at_unix), 'started_at_unix is not a finite number');
  check(isFiniteNumber(manifest.stopped_at_unix), 'stopped_at_unix is not finite in a terminal manifest');
  for (const field of ['sample_interval_seconds', 'request_timeout_seconds'])
    check(isAboveZero(manifest[field]), `${field} is not finite and positive`);
  for (const field of ['scrape_count', 'sample_row_count'])
    check(isCount(manifest[field]), `${field} is not a non-negative integer`);
  check(typeof required === 'boolean', `required is ${pythonText(required)}, expected a boolean`);
  const listed = z.array(z.string()).safeParse(codes).data;
  check(listed !== undefined, 'reason_codes is not a list of strings');
  const blocking = required === true ? [...endedEarly, ...neverBegan] : endedEarly;
  const found = [...new Set(listed)].filter((code) => blocking.includes(code)).toSorted();
  check(found.length === 0, `complete manifest carries lifecycle-failure reasons: ${found.join(', ')}`);
  if (!isRecord(exporter)) faults.push('dcgm_exporter is not an object');
  else check(Boolean(exporter.container_image_resolved), 'dcgm_exporter.container_image_resolved is empty');
  return faults;
}

function isAboveZero(value: unknown): boolean {
  return isFiniteNumber(value) && value > 0;
}

function isCount(value: unknown): boolean {
  return isFiniteNumber(value) && Number.isInteger(value) && value >= 0;
}

const count = z.int().nonnegative();
const device = z.looseObject({
  hostname: z.string().min(1),
  gpu_index: count,
  assignments: z
    .array(
      z.looseObject({
        worker_role: z.enum(['prefill', 'decode', 'agg']),
        worker_index: count,
        worker_process: count,
        het_group: count.nullish().transform((group) => group ?? null),
      }),
    )
    .min(1),
});
const benchmark = z.looseObject({ benchmark_type: z.string().min(1), concurrency: z.int().positive() });
/** A missing or null value becomes an empty list. */
const listOf = <Item extends z.ZodType>(item: Item) => z.preprocess((value) => value || [], z.array(item));
const expectations = z.looseObject({
  expected_devices: listOf(device),
  expected_windows: listOf(benchmark),
});

export type GpuRole = 'prefill' | 'decode' | 'agg';

/** A GPU that the job used, with its role and, for a heterogeneous Slurm job, its component. */
export interface ExpectedGpu {
  readonly hostname: string;
  readonly gpuIndex: number;
  readonly assignments: readonly { readonly role: GpuRole; readonly hetGroup: number | null }[];
}

/** A benchmark that the job ran. */
export interface ExpectedWindow {
  readonly benchmarkType: string;
  readonly concurrency: number;
}

/** What a job was supposed to measure, according to its manifest, or why that cannot be read. */
export type Expectations =
  | { readonly gpus: readonly ExpectedGpu[]; readonly windows: readonly ExpectedWindow[] }
  | { readonly fault: string };

export function expectationsOf(manifest: Manifest): Expectations {
  const { data, error } = expectations.safeParse(manifest);
  if (data === undefined) return { fault: `manifest malformed: ${reasonFor(error)}` };
  return {
    gpus: data.expected_devices.map(({ hostname, gpu_index, assignments }) => ({
      hostname,
      gpuIndex: gpu_index,
      assignments: assignments.map((one) => ({ role: one.worker_role, hetGroup: one.het_group })),
    })),
    windows: data.expected_windows.map(({ benchmark_type, concurrency }) => ({
      benchmarkType: benchmark_type,
      concurrency,
    })),
  };
}

/** Who made a package, and their own verdict on it. */
export interface Producer {
  readonly commit: string | null;
  readonly exporterSha256: string | null;
  readonly storedVerdict: boolean | null;
}

export function producerOf(manifest: Manifest): Producer {
  const { dcgm_exporter: exporter, publication_valid: verdict } = manifest;
  return {
    commit: textOrNull(manifest.producer_git_commit),
    exporterSha256: isRecord(exporter) ? textOrNull(exporter.container_image_sha256) : null,
    storedVerdict: typeof verdict === 'boolean' ? verdict : null,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
