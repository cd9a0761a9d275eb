import { isDeepStrictEqual } from 'node:util';
import { pythonText } from '../../python-text.ts';
import type { PowerReason } from '../reasons.ts';
import { type BenchmarkWindow, isRecord } from '../window.ts';
import type { PowerWindow } from './windows.ts';

/** A benchmark result and where it is; the value is undefined if it cannot be read. */
export interface BenchmarkResult {
  readonly name: string;
  readonly value: unknown;
}

/** The window of a result, or the reason why there is none, with details about the files. */
export type WindowOfResult =
  | { readonly window: PowerWindow }
  | { readonly reason: PowerReason; readonly fault: string };

/** Results are renamed after a benchmark, so a window is found by the content of the result, not by its name. */
export function windowOfResult(
  windows: readonly PowerWindow[],
  { name, value }: BenchmarkResult,
  benchmark: BenchmarkWindow | undefined,
  pathOf: (resultPath: string) => string,
): WindowOfResult {
  if (value === undefined) return { reason: 'invalid_benchmark_result', fault: `unreadable result: ${name}` };
  if (!isRecord(value))
    return { reason: 'invalid_benchmark_result', fault: 'processed result is not an object' };
  const { max_concurrency: concurrency } = value;
  const [window, ...others] = windows.filter((one) => one.isCompleted && one.concurrency === concurrency);
  if (window === undefined || others.length > 0) {
    const count = window === undefined ? 0 : others.length + 1;
    return {
      reason: 'window_for_result_missing',
      fault: `found ${count} completed windows for concurrency ${pythonText(concurrency)}`,
    };
  }
  const { result, resultPath } = window;
  if (typeof result === 'string') {
    const fault = `original result unreadable: ${pathOf(resultPath)}`;
    return { reason: 'measurement_window_result_missing', fault };
  }
  if (!isDeepStrictEqual(result.value, value)) {
    const copy = name.split('/').at(-1);
    const fault = `workspace copy ${copy} differs from original ${resultPath}`;
    return { reason: 'result_content_mismatch', fault };
  }
  if (benchmark !== undefined && (benchmark.startS !== window.startS || benchmark.endS !== window.endS)) {
    const fault = 'benchmark window fields do not match the selected window file';
    return { reason: 'measurement_window_result_mismatch', fault };
  }
  return { window };
}
