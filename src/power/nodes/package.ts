import { isDeepStrictEqual } from 'node:util';
import { pythonText } from '../../python-text.ts';
import {
  type ExpectedGpu,
  type ExpectedWindow,
  expectationsOf,
  faultsOfManifest,
  type GpuRole,
  type Manifest,
  type Producer,
  producerOf,
} from './manifest.ts';
import { byGpu, gpuKey, type NodeSamples, nodeSamplesOf, type SampledGpu } from './node-samples.ts';
import { devicesOf } from './topology.ts';
import { windowAudits } from './window-audits.ts';
import { type PowerWindow, type WindowFiles, windowsOf } from './windows.ts';

/** The files of a package of power samples from several nodes: `power/` in the logs of a job (contract F11). */
export interface PowerPackage {
  readonly manifest: Manifest;
  /** `samples.csv`; undefined if there is none. */
  readonly samples: string | undefined;
  readonly windows: WindowFiles;
}

/** Facts computed from the files of a package, independent of its manifest. */
export interface ReadPackage {
  readonly producer: Producer;
  readonly gpus: readonly ExpectedGpu[];
  readonly roles: ReadonlyMap<string, GpuRole>;
  readonly sampled: readonly SampledGpu[];
  readonly windows: readonly PowerWindow[];
  /** None if the package is valid. */
  readonly faults: readonly string[];
}

/** Recomputes all figures of a manifest; `fault` if it does not state what the job was to measure. */
export function readPackage({
  manifest,
  samples: text,
  windows: files,
}: PowerPackage): ReadPackage | { readonly producer: Producer; readonly fault: string } {
  const producer = producerOf(manifest);
  const expected = expectationsOf(manifest);
  if ('fault' in expected) return { producer, fault: expected.fault };
  const samples = nodeSamplesOf(text);
  const { roles, faults: ofDevices } = devicesOf(expected.gpus, samples.gpus);
  const read = windowsOf(files, expected.windows);
  const keys = expected.gpus.toSorted(byGpu).map(gpuKey);
  const audits = windowAudits(expected.windows, read, keys, samples.gpus);
  const faults = [
    ...faultsOfManifest(manifest),
    ...samples.faults.map((code) => `${code} in samples.csv`),
    ...ofDevices.map((code) => `${code} (device identity/topology)`),
    ...(expected.windows.length === 0 ? ['no expected measurement window'] : []),
    ...audits.flatMap(({ benchmark_type: type, concurrency, reason_codes: codes }) =>
      codes.map((code) => `${code} (window ${type}/${concurrency})`),
    ),
    ...read.faults.flatMap(({ path, reason_codes: codes }) => codes.map((code) => `${code} (${path})`)),
    ...faultsOfSummary(manifest, samples, { window_validations: audits, artifact_errors: read.faults }),
    ...(hasTwice(expected.gpus.map(gpuKey)) ? ['expected_devices contains duplicate keys'] : []),
    ...(hasTwice(expected.windows.map(benchmarkKey)) ? ['expected_windows contains duplicate keys'] : []),
  ];
  return { producer, gpus: expected.gpus, roles, sampled: samples.gpus, windows: read.windows, faults };
}

/** The GPUs that were sampled, in the form of a manifest. */
export function observedDevices(gpus: readonly SampledGpu[]) {
  return gpus.map(({ hostname, gpuIndex, uuids, samples }) => ({
    hostname,
    gpu_index: gpuIndex,
    gpu_uuids: uuids,
    first_sample_time_unix: samples[0]?.atS,
    last_sample_time_unix: samples.at(-1)?.atS,
  }));
}

/** Differences between the manifest and the samples and windows. */
function faultsOfSummary(
  manifest: Manifest,
  { gpus, rowCount, leastScrapes }: NodeSamples,
  { window_validations: audits, artifact_errors: errors }: Readonly<Record<string, unknown>>,
): string[] {
  const observed = observedDevices(gpus);
  const { sample_row_count: rows, scrape_count: scrapes } = manifest;
  const hasScrapes = typeof scrapes === 'number' && Number.isInteger(scrapes) && scrapes >= leastScrapes;
  const faults: [fault: string, isThere: boolean][] = [
    [`sample_row_count is ${pythonText(rows)}, disk has ${rowCount} rows`, rows !== rowCount],
    [
      `scrape_count is ${pythonText(scrapes)}, disk needs at least ${leastScrapes}`,
      rowCount > 0 && !hasScrapes,
    ],
    ['observed_devices is empty', gpus.length === 0],
    [
      'observed_devices does not match the devices derived from samples.csv',
      !isDeepStrictEqual(manifest.observed_devices, observed),
    ],
    [
      'window_validations does not match the recomputed window audit',
      !isDeepStrictEqual(manifest.window_validations, audits),
    ],
    [
      'artifact_errors does not match the recomputed artifact scan',
      !isDeepStrictEqual(manifest.artifact_errors, errors),
    ],
  ];
  return faults.flatMap(([fault, isThere]) => (isThere ? [fault] : []));
}

function benchmarkKey({ benchmarkType, concurrency }: ExpectedWindow): string {
  return JSON.stringify([benchmarkType, concurrency]);
}

function hasTwice(keys: readonly string[]): boolean {
  return new Set(keys).size !== keys.length;
}
