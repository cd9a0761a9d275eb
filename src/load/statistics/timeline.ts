import { startMsOf, tpotMsOf } from '../latencies.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import type { Timeline } from '../result-schema.ts';
import { orNull, valueAt } from '../unknown.ts';
import { quantileOfSorted } from './summary.ts';

/** The largest number of intervals, for runs of any length. */
export const mostIntervals = 120;
const intervalsS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** The timeline of a run that started at `startMs` of the log's clock and took `durationMs`. */
export function timeline(log: RequestLog, startMs: number, durationMs: number): Timeline {
  const intervalS = intervalOf(durationMs / 1000);
  const intervalMs = 1000 * intervalS;
  const count = Math.max(1, Math.ceil(durationMs / intervalMs));
  const bin = (atMs: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor((atMs - startMs) / intervalMs)));
  const zeros = (): Float64Array => new Float64Array(count);
  const [completed, failed, tokens, busyMs] = [zeros(), zeros(), zeros(), zeros()];
  const runEndMs = startMs + durationMs;
  const ttfts = Array.from({ length: count }, (): number[] => []);
  const tpots = Array.from({ length: count }, (): number[] => []);
  for (let index = 0; index < log.length; index++) {
    const state = valueAt(log.state, index);
    const sentMs = valueAt(log.startMs, index);
    const endMs = valueAt(log.endMs, index);
    if (state === RequestState.unsent || Number.isNaN(sentMs) || Number.isNaN(endMs)) continue;
    const inRunMs = Math.min(endMs, runEndMs);
    if (inRunMs > sentMs)
      spread(busyMs, (sentMs - startMs) / intervalMs, (inRunMs - startMs) / intervalMs, inRunMs - sentMs);
    if (state === RequestState.failed) add(failed, bin(endMs), 1);
    if (!log.isReply(index)) continue;
    add(completed, bin(endMs), 1);
    const firstMs = valueAt(log.firstTokenMs, index);
    const lastMs = valueAt(log.lastTokenMs, index);
    const count = valueAt(log.outputTokens, index);
    if (Number.isNaN(firstMs + lastMs + count)) {
      // Some of its tokens may have arrived in any of these intervals.
      const until = bin(Number.isNaN(lastMs) ? endMs : lastMs);
      for (let at = bin(Number.isNaN(firstMs) ? sentMs : firstMs); at <= until; at++) tokens[at] = Number.NaN;
    } else spread(tokens, (firstMs - startMs) / intervalMs, (lastMs - startMs) / intervalMs, count);
    if (!Number.isNaN(firstMs)) ttfts[bin(firstMs)]?.push(firstMs - startMsOf(log, index, 'due'));
    const tpotMs = tpotMsOf(log, index);
    if (!Number.isNaN(tpotMs)) tpots[bin(Number.isNaN(lastMs) ? endMs : lastMs)]?.push(tpotMs);
  }
  const lengthMs = (index: number): number => Math.min(intervalMs, durationMs - index * intervalMs);
  const per = (sums: Float64Array, unitMs: number): number[] =>
    Array.from(sums, (sum, index) => short(lengthMs(index) > 0 ? (sum * unitMs) / lengthMs(index) : 0));
  return {
    interval_s: intervalS,
    request_throughput: per(completed, 1000),
    output_throughput: per(tokens, 1000).map(orNull),
    in_flight: per(busyMs, 1),
    failed: [...failed],
    median_ttft_ms: ttfts.map(median),
    median_tpot_ms: tpots.map(median),
  };
}

/**
 * Merges the timelines of shards; `delayS` is how many seconds after the first shard each one started. Rates and counts
 * add up; medians over several shards are unknown. Undefined if the intervals differ.
 */
export function mergeTimelines(
  shards: readonly { readonly timeline: Timeline; readonly delayS: number }[],
): Timeline | undefined {
  const [first] = shards;
  if (first === undefined) return undefined;
  const intervalS = first.timeline.interval_s;
  if (shards.some(({ timeline }) => timeline.interval_s !== intervalS)) return undefined;
  const shifts = shards.map(({ delayS }) => Math.round(delayS / intervalS));
  const count = Math.max(
    ...shards.map(({ timeline }, index) => timeline.failed.length + valueAt(shifts, index)),
  );
  const sums = (values: (timeline: Timeline) => readonly (number | null)[]): number[] => {
    const total = new Float64Array(count);
    for (const [shard, { timeline }] of shards.entries()) {
      for (const [index, value] of values(timeline).entries())
        add(total, index + valueAt(shifts, shard), value ?? Number.NaN);
    }
    return Array.from(total, short);
  };
  const unknown = new Array<null>(count).fill(null);
  return {
    interval_s: intervalS,
    request_throughput: sums(({ request_throughput }) => request_throughput),
    output_throughput: sums(({ output_throughput }) => output_throughput).map(orNull),
    in_flight: sums(({ in_flight }) => in_flight),
    failed: sums(({ failed }) => failed),
    median_ttft_ms: unknown,
    median_tpot_ms: unknown,
  };
}

function intervalOf(durationS: number): number {
  const least = durationS / mostIntervals;
  return intervalsS.find((intervalS) => intervalS >= least) ?? Math.ceil(least);
}

/** Distributes `amount` over the bins between two times, given in units of bins, in proportion to the overlap. */
function spread(bins: Float64Array, from: number, to: number, amount: number): void {
  const last = bins.length - 1;
  const start = Math.max(0, from);
  const end = Math.min(bins.length, to);
  if (!(end > start)) {
    if (to <= from) add(bins, Math.min(last, Math.max(0, Math.floor(from))), amount);
    return;
  }
  for (let bin = Math.floor(start); bin <= last && bin < end; bin++) {
    add(bins, bin, (amount * (Math.min(end, bin + 1) - Math.max(start, bin))) / (to - from));
  }
}

function add(bins: Float64Array, bin: number, amount: number): void {
  bins[bin] = valueAt(bins, bin) + amount;
}

function median(samples: number[]): number | null {
  if (samples.length === 0) return null;
  return short(
    quantileOfSorted(
      samples.sort((a, b) => a - b),
      0.5,
    ),
  );
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
