import { join } from 'node:path';
import type { PowerReason } from '../../power/index.ts';
import { jsonOf, textOf } from '../power-files.ts';
import { artifactsIn, isFile } from './artifacts.ts';
import { sumOf } from './figures.ts';
import { type AgenticRecord, countsOf, readRecords } from './records.ts';

/** When an agentic run measured, and what it did in that time; the form of a benchmark result (contract F11). */
export interface AgenticPowerWindow {
  readonly benchmark_start_time_unix: number;
  readonly benchmark_end_time_unix: number;
  readonly duration: number;
  readonly completed: number;
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
}

type Known<T> = { readonly value: T } | { readonly reason: PowerReason };

/** The window of a run by its exports, or why there is none. */
export async function powerWindowOf(resultDir: string): Promise<Known<AgenticPowerWindow>> {
  const exports = await exportsIn(resultDir);
  if ('reason' in exports) return exports;
  const { records, summary } = exports.value;
  const bounds = [summary.get('start_time'), summary.get('end_time')];
  if (bounds.some((bound) => bound === undefined || bound === null))
    return { reason: 'profile_window_missing' };
  const zone = bounds.some(isWithoutZone) ? await recordedZone(resultDir) : { value: 0 };
  if ('reason' in zone) return zone;
  const [startS, endS] = bounds.map((bound) => secondsOf(bound, zone.value));
  if (startS === undefined || endS === undefined || endS <= startS)
    return { reason: 'profile_window_invalid' };
  return windowOf(records, startS, endS);
}

function windowOf(
  records: readonly AgenticRecord[],
  startS: number,
  endS: number,
): Known<AgenticPowerWindow> {
  const completed = records.length;
  if (completed === 0) return { reason: 'successful_request_count_invalid' };
  const counts = ['input_sequence_length', 'output_sequence_length'].map((name) => countsOf(records, name));
  const [input = 0, output = 0] = counts.map(sumOf);
  const isComplete = counts.every((list) => list.length === completed && list.every((count) => count >= 0));
  if (!isComplete || input <= 0 || output <= 0) return { reason: 'incomplete_token_accounting' };
  return {
    value: {
      benchmark_start_time_unix: startS,
      benchmark_end_time_unix: endS,
      duration: endS - startS,
      completed,
      total_input_tokens: input,
      total_output_tokens: output,
    },
  };
}

async function exportsIn(
  resultDir: string,
): Promise<
  Known<{ readonly records: readonly AgenticRecord[]; readonly summary: ReadonlyMap<string, unknown> }>
> {
  const artifacts = await artifactsIn(resultDir).catch(() => undefined);
  if (artifacts === undefined || !(await isFile(artifacts.summary)))
    return { reason: 'profile_artifacts_missing' };
  try {
    const summary = jsonOf(artifacts.summary, (await textOf(artifacts.summary)) ?? '');
    if (typeof summary !== 'object' || summary === null) return { reason: 'profile_artifacts_invalid' };
    const { records } = await readRecords(artifacts.records);
    return { value: { records, summary: new Map(Object.entries(summary)) } };
  } catch {
    return { reason: 'profile_artifacts_invalid' };
  }
}

const isoTime =
  /^(?<day>\d{4}-\d\d-\d\d)(?:[T ](?<clock>\d\d:\d\d(?::\d\d)?)(?:[.,](?<fraction>\d+))?(?<zone>Z|[+-]\d\d:?\d\d)?)?$/;

function isWithoutZone(bound: unknown): boolean {
  const found = typeof bound === 'string' ? isoTime.exec(bound.trim()) : null;
  return found !== null && found.groups?.zone === undefined;
}

/** Unix seconds of a time; one without a zone is of `offsetS`. */
function secondsOf(time: unknown, offsetS: number): number | undefined {
  if (typeof time === 'number') return Number.isFinite(time) ? time : undefined;
  const parts = typeof time === 'string' ? isoTime.exec(time.trim())?.groups : undefined;
  if (parts === undefined) return undefined;
  const { day, clock = '00:00', fraction = '0', zone } = parts;
  const seconds = Date.parse(`${day}T${clock}Z`) / 1000;
  const offset = zone === undefined ? offsetS : offsetOf(zone);
  return Number.isNaN(seconds) || offset === undefined
    ? undefined
    : seconds - offset + Number(`0.${fraction}`);
}

const offsetText = /^(?<sign>[+-])(?<hours>\d\d):?(?<minutes>\d\d)$/;

/** Seconds that a zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const { sign, hours, minutes } = offsetText.exec(zone)?.groups ?? {};
  if (sign === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (3600 * Number(hours) + 60 * Number(minutes));
}

/** The offset from UTC that the job recorded when it started. */
async function recordedZone(resultDir: string): Promise<Known<number>> {
  const text = await textOf(join(resultDir, 'agentic_power_timezone_offset.txt'));
  if (text === undefined) return { reason: 'profile_timezone_offset_missing' };
  const offset = offsetOf(text.trim());
  return offset === undefined || text.trim() === 'Z'
    ? { reason: 'profile_timezone_offset_invalid' }
    : { value: offset };
}
