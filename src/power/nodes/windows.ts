import { isFiniteNumber, isRecord } from '../window.ts';
import { clockSource, type ExpectedWindow, packageVersion } from './manifest.ts';

/** An entry of the folder `windows/` of a package. */
export interface WindowFile {
  /** Relative to that folder. */
  readonly name: string;
  /** Undefined for links and for anything that is not a regular file. */
  readonly content: { readonly value: unknown } | undefined;
  /** The benchmark result to which it refers. */
  readonly result: WindowResult;
}

/** `outside`: the window names no result, or one that is not in the logs. `missing`: there is no JSON file at that path. */
export type WindowResult = 'outside' | 'missing' | { readonly value: unknown };

/** The window of one benchmark, as the job recorded it. */
export interface PowerWindow extends ExpectedWindow {
  /** Relative to the package's folder. */
  readonly file: string;
  /** Relative to the folder of the logs. */
  readonly resultPath: string;
  readonly result: WindowResult;
  readonly isCompleted: boolean;
  readonly startS: number;
  readonly endS: number | undefined;
  readonly durationS: number | undefined;
}

/** A problem of a file in a package, in the form of a manifest. */
export interface ArtifactFault {
  readonly path: string;
  readonly reason_codes: readonly string[];
}

export interface ReadWindows {
  readonly windows: readonly PowerWindow[];
  /** Set if there are several. */
  readonly duplicates: readonly ExpectedWindow[];
  readonly faults: readonly ArtifactFault[];
}

/** Files of `windows/`, ordered by name; `outside` if the folder is a link to another place. */
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

/** A window, or the reason why the file is not a window. */
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
