import { clockSource, type ExpectedGpu, fixed, type GpuRole, packageVersion } from './manifest.ts';
import { byGpu, gpuKey, nodeSamplesOf, type SampleRow, samplesHeader } from './node-samples.ts';
import { observedDevices, type PowerPackage, readPackage } from './package.ts';
import { windowAudits } from './window-audits.ts';
import { windowsOf } from './windows.ts';

/** A GPU that an engine uses. */
export interface UsedGpu {
  readonly hostname: string;
  readonly gpuIndex: number;
  readonly role: GpuRole;
  /** The number of the worker among those of its role, and that of the GPU in the worker. */
  readonly worker: number;
  readonly rank: number;
}

/** A sampling of all exporters of an engine's nodes. */
export interface NodesSampling {
  readonly rows: readonly SampleRow[];
  /** Times are seconds of Unix time on the machine that sampled. */
  readonly startedS: number;
  readonly stoppedS: number;
  readonly intervalS: number;
  readonly timeoutS: number;
  /** Number of scrapes of the exporter that was read most often. */
  readonly scrapes: number;
  /** The exporters' URLs. */
  readonly exporters: readonly string[];
}

/** A benchmark that was sampled; its raw result is a file at `resultPath`, relative to the folder of the logs. */
export interface SampledBenchmark {
  readonly resultPath: string;
  readonly concurrency: number;
  readonly startS: number;
  readonly endS: number;
  readonly durationS: number;
  readonly result: unknown;
}

/** The kind of benchmark in windows. */
const benchmarkType = 'inferencemax';

/**
 * The package of power samples of one benchmark (contract F11): what `readPackage` reads. Its verdict is that of the
 * reader.
 */
export function packageOf(
  sampling: NodesSampling,
  benchmark: SampledBenchmark,
  gpus: readonly UsedGpu[],
  producerCommit: string,
): PowerPackage {
  const { concurrency, resultPath } = benchmark;
  const samples = [samplesHeader, ...sampling.rows.map(lineOf), ''].join('\n');
  const name = resultPath.split('/').at(-1) ?? resultPath;
  const windows = [{ name, content: { value: windowFile(benchmark) }, result: { value: benchmark.result } }];
  const read = nodeSamplesOf(samples);
  const expectedWindows = [{ benchmarkType, concurrency }];
  const expected = gpus.map(expectedGpu).toSorted(byGpu);
  const readWindows = windowsOf(windows, expectedWindows);
  const manifest = {
    ...fixed,
    producer_git_commit: producerCommit,
    sample_interval_seconds: sampling.intervalS,
    request_timeout_seconds: sampling.timeoutS,
    required: false,
    started_at_unix: sampling.startedS,
    stopped_at_unix: sampling.stoppedS,
    // The exporters belong to the nodes: their images are not known, and a manifest must say something.
    dcgm_exporter: { container_image_resolved: `unknown; read at ${sampling.exporters.join(' ')}` },
    expected_devices: gpus.toSorted(byGpu).map(expectedDevice),
    expected_windows: [{ benchmark_type: benchmarkType, concurrency }],
    scrape_count: sampling.scrapes,
    reason_codes: [],
    sample_row_count: read.rowCount,
    observed_devices: observedDevices(read.gpus),
    window_validations: windowAudits(expectedWindows, readWindows, expected.map(gpuKey), read.gpus),
    artifact_errors: readWindows.faults,
  };
  const judged = readPackage({ manifest, samples, windows });
  const isValid = 'faults' in judged && judged.faults.length === 0;
  return { manifest: { ...manifest, publication_valid: isValid }, samples, windows };
}

function lineOf({ atS, scrape, hostname, gpuIndex, uuid, powerW }: SampleRow): string {
  return [packageVersion, atS, scrape, hostname, gpuIndex, uuid, powerW].join(',');
}

function windowFile({ resultPath, concurrency, startS, endS, durationS }: SampledBenchmark) {
  return {
    schema_version: packageVersion,
    clock_source: clockSource,
    benchmark_type: benchmarkType,
    concurrency,
    status: 'completed',
    benchmark_start_time_unix: startS,
    benchmark_end_time_unix: endS,
    duration: durationS,
    reason: null,
    result_path: resultPath,
  };
}

function expectedGpu({ hostname, gpuIndex, role }: UsedGpu): ExpectedGpu {
  return { hostname, gpuIndex, assignments: [{ role, hetGroup: null }] };
}

function expectedDevice({ hostname, gpuIndex, role, worker, rank }: UsedGpu) {
  return {
    hostname,
    gpu_index: gpuIndex,
    assignments: [{ worker_role: role, worker_index: worker, worker_process: rank }],
  };
}
