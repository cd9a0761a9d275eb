import { isFiniteNumber, isRecord } from '../window.ts';
import { clockSource, type ExpectedWindow, packageVersion } from './manifest.ts';

/** An entry of the folder `windows/` of a package. */
export interface WindowFile {
  /** Within that folder. */
  readonly name: string;
  /** Undefined for what is no regular file, and for a link. */
  readonly content: { readonly value: unknown } | undefined;
  /** The benchmark result that it names. */
  readonly result: WindowResult;
}

/** `outside`: the window names none, or one that is not in the logs. `missing`: there is no JSON at that path. */
export type WindowResult = 'outside' | 'missing' | { readonly value: unknown };

/** One benchmark's window, as the job wrote it down. */
export interface PowerWindow extends ExpectedWindow {
  /** From the package's folder. */
  readonly file: string;
  /** From the folder of the logs. */
  readonly resultPath: string;
  readonly result: WindowResult;
  readonly isCompleted: boolean;
  readonly startS: number;
  readonly endS: number | undefined;
  readonly durationS: number | undefined;
}

/** What is wrong with a file of a package, as a manifest lists it. */
export interface ArtifactFault {
  readonly path: string;
  readonly reason_codes: readonly string[];
}

export interface ReadWindows {
  readonly windows: readonly PowerWindow[];
  /** Of which there is more than one. */
  readonly duplicates: readonly ExpectedWindow[];
  readonly faults: readonly ArtifactFault[];
}

/** The files of `windows/` in order of their names; `outside` if that is a link to somewhere else. */
export type WindowFiles = readonly WindowFile[] | 'outside';

/** Reads the windows of a package. */
export function windowsOf(files: WindowFiles, expected: readonly ExpectedWindow[]): ReadWindows {
  if (files === 'outside')
    return { windows: [], duplicates: [], faults: [{ path: 'windows', reason_codes: [pathInvalid] }] };
  const faults: ArtifactFault[] = [];
  const fault = (path: string, code: string) => faults.push({ path, reason_codes: [code] });
  const windows: PowerWindow[] = [];
  const duplicates: ExpectedWindow[] = [];
  for (const file of files) {
    const path = `windows/${file.name}`;
    const window = file.content === undefined ? pathInvalid : windowOf(path, file, file.content.value);
    if (typeof window === 'string') {
      fault(path, window);
      continue;
    }
    const first = windows.find((one) => isOf(one, window));
    if (first === undefined) windows.push(window);
    else {
      duplicates.push(window);
      fault(first.file, 'measurement_window_duplicate');
      fault(path, 'measurement_window_duplicate');
    }
  }
  const unique = windows.filter((window) => !duplicates.some((one) => isOf(one, window)));
  for (const window of unique.toSorted(byBenchmark))
    if (!expected.some((one) => isOf(one, window))) fault(window.file, 'measurement_window_unexpected');
  return { windows: unique, duplicates, faults };
}

export function isOf(window: ExpectedWindow, other: ExpectedWindow): boolean {
  return window.benchmarkType === other.benchmarkType && window.concurrency === other.concurrency;
}

function byBenchmark(one: ExpectedWindow, other: ExpectedWindow): number {
  if (one.benchmarkType === other.benchmarkType) return one.concurrency - other.concurrency;
  return one.benchmarkType < other.benchmarkType ? -1 : 1;
}

const pathInvalid = 'measurement_window_artifact_path_invalid';

/** A window, or why the file is none. */
function windowOf(file: string, { name, result }: WindowFile, content: unknown): PowerWindow | string {
  const malformed = 'measurement_window_malformed';
  if (!isRecord(content)) return malformed;
  const { status, concurrency, benchmark_type: benchmarkType, benchmark_start_time_unix: startS } = content;
  const { benchmark_end_time_unix: endS, duration: durationS, reason, result_path: resultPath } = content;
  const isExplained = typeof reason === 'string' && reason !== '';
  const isOpen = isNone(endS) && isNone(durationS);
  const isClosed = isFiniteNumber(endS) && isFiniteNumber(durationS) && durationS > 0;
  const holds = new Map<unknown, boolean>([
    ['running', isOpen && isNone(reason)],
    ['interrupted', isOpen && isExplained],
    ['completed', isClosed && isNone(reason)],
    ['failed', isClosed && isExplained],
  ]).get(status);
  if (content.schema_version !== packageVersion || content.clock_source !== clockSource) return malformed;
  if (holds === undefined || typeof benchmarkType !== 'string') return malformed;
  if (!isFiniteNumber(concurrency) || !Number.isInteger(concurrency) || !isFiniteNumber(startS))
    return malformed;
  if (typeof resultPath !== 'string' || result === 'outside' || stemOf(resultPath) !== stemOf(name))
    return 'measurement_window_result_path_invalid';
  if (!holds) return malformed;
  return {
    file,
    benchmarkType,
    concurrency,
    resultPath,
    result,
    isCompleted: status === 'completed',
    startS,
    endS: isFiniteNumber(endS) ? endS : undefined,
    durationS: isFiniteNumber(durationS) ? durationS : undefined,
  };
}

function isNone(value: unknown): boolean {
  return value === null || value === undefined;
}

/** `results_4` of `run/results_4.json`. */
function stemOf(path: string): string {
  const name = path.split('/').findLast((part) => part !== '') ?? '';
  const dot = name.lastIndexOf('.');
  return dot > 0 && dot < name.length - 1 ? name.slice(0, dot) : name;
}
