import type { PowerReason } from './reasons.ts';

/** When a benchmark ran, and the counts by which its energy is divided. Times are in seconds of Unix time. */
export interface BenchmarkWindow {
  readonly startS: number;
  readonly endS: number;
  readonly reportedDurationS: number;
  /** Requests that were completed. */
  readonly completed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface ReadWindow {
  /** Undefined if there is no window in which to count energy. */
  readonly window: BenchmarkWindow | undefined;
  readonly reasons: readonly PowerReason[];
}

/** How far the reported duration may be from end minus start: half a second, or one per cent of a long one. */
export function durationToleranceS(durationS: number): number {
  return Math.max(0.5, 0.01 * durationS);
}

/** The window of a benchmark result (contract F11), undefined for a file that is not JSON. */
export function windowOf(result: unknown): ReadWindow {
  if (!isRecord(result)) return { window: undefined, reasons: ['invalid_benchmark_result'] };
  const [startS, endS, reportedDurationS] = [
    result.benchmark_start_time_unix,
    result.benchmark_end_time_unix,
    result.duration,
  ].map(finite);
  if (startS === undefined || endS === undefined || reportedDurationS === undefined)
    return { window: undefined, reasons: ['invalid_benchmark_window'] };
  if (endS <= startS || reportedDurationS <= 0)
    return { window: undefined, reasons: ['invalid_benchmark_window'] };
  const window = {
    startS,
    endS,
    reportedDurationS,
    completed: countOf(result.completed),
    inputTokens: countOf(result.total_input_tokens),
    outputTokens: countOf(result.total_output_tokens),
  };
  return { window, reasons: reasonsOf(window) };
}

function reasonsOf(window: BenchmarkWindow): PowerReason[] {
  const durationS = window.endS - window.startS;
  const broken: [PowerReason, boolean][] = [
    [
      'benchmark_duration_mismatch',
      Math.abs(window.reportedDurationS - durationS) > durationToleranceS(durationS),
    ],
    ['invalid_successful_query_count', window.completed <= 0],
    ['invalid_input_token_count', window.inputTokens <= 0],
    ['invalid_output_token_count', window.outputTokens <= 0],
  ];
  return broken.flatMap(([reason, isBroken]) => (isBroken ? [reason] : []));
}

/** An invalid count is 0 in an audit, which makes the power invalid. */
function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0;
}

function finite(value: unknown): number | undefined {
  return isFiniteNumber(value) ? value : undefined;
}

export function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
