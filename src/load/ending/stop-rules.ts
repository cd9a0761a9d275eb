import { defined } from '../../defined/defined.ts';
import { twoSidedT } from '../student-t.ts';
import { valueAt } from '../unknown.ts';
import type { Ending } from './ending-names.ts';

/** Latencies whose mean can be asked for with a precision. */
export const precisionMetrics = ['ttft', 'tpot', 'e2el'] as const;
export type PrecisionMetric = (typeof precisionMetrics)[number];

/** When a test stops before its requests or its time are used up. */
export interface StopRules {
  /** As soon as the 95 % interval of the mean is at most this share of the mean, above and below it. */
  readonly precision?: { readonly metric: PrecisionMetric; readonly share: number };
  /** In an open loop, as soon as the requests that wait or are in flight grow without bound. */
  readonly saturated?: boolean;
  /** As soon as more requests failed than this many, or than this share of those that ended. */
  readonly errors?: { readonly most: number; readonly isShare: boolean };
}

/** The rules that are set; undefined if none is. */
export function stopRulesOf(
  rules: {
    readonly [Rule in keyof StopRules]: StopRules[Rule] | undefined;
  },
): StopRules | undefined {
  const set = defined(rules);
  return Object.keys(set).length === 0 ? undefined : set;
}

/** A rule that a running test met, and what was seen. */
export interface MetRule {
  readonly reason: Ending;
  readonly detail: string;
}

/** Batch means: enough batches for a t interval, each long enough that neighbouring replies hardly matter. */
const batches = 20;
const leastPerBatch = 5;
const tQuantile = twoSidedT(0.05, batches - 1);

/**
 * Half the width of the 95 % interval of a mean, as a share of the mean, by the method of batch means: unlike the
 * standard error of independent samples, it allows for replies that influence each other. The samples are in order of
 * time. Undefined if there are too few.
 */
export function relativeHalfWidth(samples: Float64Array): number | undefined {
  const perBatch = Math.floor(samples.length / batches);
  if (perBatch < leastPerBatch) return undefined;
  // The oldest replies are left over: they are the least typical.
  const from = samples.length - perBatch * batches;
  const means = Float64Array.from({ length: batches }, (_, batch) => {
    let sum = 0;
    for (let at = 0; at < perBatch; at++) sum += valueAt(samples, from + batch * perBatch + at);
    return sum / perBatch;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / batches;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (batches - 1) / batches);
  return mean > 0 ? (tQuantile * error) / mean : undefined;
}

/** A backlog is judged over this many equal parts of the time; it must grow in each one after the first. */
const parts = 3;
/** Arrivals in a part that make its growth more than chance. */
const leastArrivals = 30;
/** In a part, the backlog must grow by this share of its arrivals: the server falls behind by as much. */
const growthShare = 0.1;
/** An open loop first fills the server: wait this many times the time that the first replies took. */
const fillings = 3;
const firstReplies = 10;

/** The course of an open loop, in milliseconds from its start. */
export interface OpenLoop {
  readonly elapsedMs: number;
  /** When requests were due, and when they ended; NaN for one that has not. */
  readonly dueMs: Float64Array;
  readonly endedMs: Float64Array;
}

/**
 * The share of its arrivals by which the server falls behind, if its backlog grows steadily; undefined if it does not,
 * or if it is too early to tell.
 */
export function fallingBehind({ elapsedMs, dueMs, endedMs }: OpenLoop): number | undefined {
  const first = firstTimes(dueMs, endedMs).sort();
  const typicalMs = valueAt(first, Math.floor(first.length / 2));
  if (first.length < firstReplies || elapsedMs < fillings * parts * typicalMs) return undefined;
  const shares = Array.from({ length: parts - 1 }, (_, part) => {
    const [fromMs, toMs] = [((part + 1) * elapsedMs) / parts, ((part + 2) * elapsedMs) / parts];
    const arrivals = countIn(dueMs, fromMs, toMs);
    const done = countIn(endedMs, fromMs, toMs);
    return arrivals < leastArrivals ? 0 : (arrivals - done) / arrivals;
  });
  const least = Math.min(...shares);
  return least >= growthShare ? least : undefined;
}

/** How long the first requests took whose end is known. */
function firstTimes(dueMs: Float64Array, endedMs: Float64Array): Float64Array {
  const times: number[] = [];
  for (let index = 0; index < endedMs.length && times.length < firstReplies; index++) {
    const ms = valueAt(endedMs, index) - valueAt(dueMs, index);
    if (!Number.isNaN(ms)) times.push(ms);
  }
  return Float64Array.from(times);
}

/** How many of the times are after `fromMs` and at most `toMs`. */
function countIn(timesMs: Float64Array, fromMs: number, toMs: number): number {
  return timesMs.reduce((count, atMs) => (atMs > fromMs && atMs <= toMs ? count + 1 : count), 0);
}

/** Fewer ended requests say nothing about a share of errors. */
const leastEnded = 20;

/** Whether more requests failed than the rule allows. */
export function hasTooManyErrors(
  rule: NonNullable<StopRules['errors']>,
  { failed, completed }: { readonly failed: number; readonly completed: number },
): boolean {
  const ended = failed + completed;
  if (!rule.isShare) return failed > rule.most;
  return ended >= leastEnded && failed > rule.most * ended;
}

/** What a precision is written as. */
export const precisionForm = 'a percentage such as 2%, or of a metric such as ttft:5%';

/** Reads `2%` or `ttft:5%`; without a metric, the mean E2EL is meant. Undefined if the text is neither. */
export function precisionIn(text: string): StopRules['precision'] {
  const [, name = 'e2el', percent] = /^(?:([a-z0-9]+):)?(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const metric = precisionMetrics.find((one) => one === name);
  const share = Number(percent) / 100;
  return metric === undefined || !(share > 0 && share < 1) ? undefined : { metric, share };
}

/** How a bound on errors is written. */
export const errorBoundForm = 'a number of requests such as 10, or a percentage such as 5%';

/** Reads `10` or `5%`; undefined if the text is neither. */
export function errorBoundIn(text: string): StopRules['errors'] {
  const [, value, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const number = Number(value);
  if (sign === '%') return number < 100 ? { most: number / 100, isShare: true } : undefined;
  return Number.isInteger(number) ? { most: number, isShare: false } : undefined;
}
