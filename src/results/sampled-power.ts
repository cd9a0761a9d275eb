import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { gpusOfRow } from '../identity/index.ts';
import {
  type JudgedPower,
  type NodesSampling,
  type PowerAudit,
  type PowerReason,
  packageOf,
  powerOfNode,
  powerOfNodes,
  rowWithPower,
  type UsedGpu,
} from '../power/index.ts';
import type { AggregateRow } from './aggregate-row.ts';
import { parseAggregateRow } from './read-rows.ts';

/** Power that was sampled from the DCGM exporters of an engine's nodes during a benchmark. */
export interface SampledPower extends NodesSampling {
  /** Why an exporter could not be read, at times or at all. */
  readonly troubles: readonly string[];
  /** The GPUs that the engine uses. */
  readonly gpus: readonly UsedGpu[];
  /** The commit or version of the sampling program. */
  readonly producerCommit: string;
}

/** A benchmark of a run directory. */
export interface SampledResult {
  /** The run directory. */
  readonly folder: string;
  /** The name of the raw result, without its extension. */
  readonly name: string;
  /** The raw result, as it will be written to `raw/`. */
  readonly raw: {
    readonly max_concurrency: number | null;
    readonly benchmark_start_time_unix?: number | undefined;
    readonly benchmark_end_time_unix?: number | undefined;
    readonly duration: number;
  };
  readonly row: AggregateRow;
}

/** A row with the power of the exporters, and what the audit says about it. */
export interface RowWithSampledPower {
  readonly row: AggregateRow;
  readonly valid: boolean;
  readonly reasons: readonly PowerReason[];
  /** Why exporters could not be read; empty if the power is valid. */
  readonly details: readonly string[];
}

/**
 * Writes what the exporters said to `power/<name>/` of a run directory, in the form that `results power` reads (contract
 * F11), with its audit, and adds the power to the row. For one node that is a table of samples, for several nodes a
 * manifest, samples and a window.
 */
export async function writeSampledPower(
  benchmark: SampledResult,
  power: SampledPower,
): Promise<RowWithSampledPower> {
  const { folder, name, row } = benchmark;
  const place = join('power', name);
  const { files, judged } = row.is_multinode
    ? severalNodes(benchmark, place, power)
    : oneNode(benchmark, place, power);
  const { audit, metrics } = judged;
  const details = audit.power_valid ? [] : power.troubles;
  const written: Record<string, string> = {
    ...files,
    [`power_validation_${name}.json`]: json({ ...audit, sampling_troubles: power.troubles }),
  };
  for (const [file, text] of Object.entries(written))
    await writeFileAtomically(join(folder, place, file), text);
  return {
    row: parseAggregateRow(rowWithPower(row, metrics)),
    valid: audit.power_valid,
    reasons: audit.reasons,
    details,
  };
}

interface Judged {
  /** By path in the folder of the benchmark's power. */
  readonly files: Readonly<Record<string, string>>;
  readonly judged: JudgedPower<PowerAudit>;
}

function oneNode({ raw, row, name }: SampledResult, place: string, { rows }: SampledPower): Judged {
  const lines = rows.map(({ atS, gpuIndex, uuid, powerW }) => [atS, gpuIndex, uuid, powerW].join(','));
  const text = ['timestamp,index,uuid,power.draw [W]', ...lines, ''].join('\n');
  const judged = powerOfNode({
    telemetry: { name: join(place, 'gpu_metrics.csv'), text },
    counters: { start: undefined, end: undefined },
    result: { name: resultPath(name), value: raw },
    expectedGpus: gpusOfRow(row).all,
  });
  return { files: { 'gpu_metrics.csv': text }, judged };
}

function severalNodes({ raw, row, name }: SampledResult, place: string, power: SampledPower): Judged {
  const { gpus, producerCommit } = power;
  const result = { name: resultPath(name), value: raw };
  const { benchmark_start_time_unix: startS = Number.NaN, benchmark_end_time_unix: endS = Number.NaN } = raw;
  const window = {
    resultPath: resultPath(name),
    concurrency: raw.max_concurrency ?? row.conc,
    startS,
    endS,
    durationS: raw.duration,
    result: raw,
  };
  const { manifest, samples = '', windows } = packageOf(power, window, gpus, producerCommit);
  const judged = powerOfNodes({
    folder: place,
    package: { manifest, samples, windows },
    result,
    pathOf: (path) => path,
    gpus: { prefill: row.num_prefill_gpu ?? 0, decode: row.num_decode_gpu ?? 0 },
    expectedCommit: producerCommit,
  });
  const windowFiles = windows === 'outside' ? [] : windows;
  const files = {
    'manifest.json': json(manifest),
    'samples.csv': samples,
    ...Object.fromEntries(windowFiles.map((file) => [join('windows', file.name), json(file.content?.value)])),
  };
  return { files, judged };
}

function resultPath(name: string): string {
  return `raw/${name}.json`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
