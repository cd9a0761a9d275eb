import { LoadError } from '../load-error.ts';
import { arrivalPatterns } from './list.ts';
import type {
  ArrivalOptionTable,
  ArrivalPattern,
  AskedRequests,
  OptionValues,
  RecordedArrivals,
} from './pattern.ts';

export type { ArrivalOption, OptionValues } from './pattern.ts';
export { steadyRate } from './rate.ts';
export type { Stage } from './rate-profile.ts';
export type { TraceArrivals } from './trace.ts';

type Listed = (typeof arrivalPatterns)[number];
type SpecOf<P> = P extends { timesMs(spec: infer Spec, ...rest: never): unknown } ? Spec : never;
type AllOf<Union> = (Union extends unknown ? (part: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** When requests are sent: the specification of one pattern, whose name is `kind`. */
export type ArrivalSpec = SpecOf<Listed>;

/** The options of all patterns, by name. */
export type ArrivalOptions = AllOf<Listed['options']>;

const patterns: readonly ArrivalPattern<ArrivalSpec>[] = arrivalPatterns;

export const arrivalOptions: ArrivalOptionTable = Object.assign({}, ...patterns.map((each) => each.options));

/** The arrivals that the options request; undefined for a closed loop. Throws LoadError `bad-test`. */
export function arrivalsAsked(
  options: OptionValues<ArrivalOptions>,
  requests: AskedRequests,
): ArrivalSpec | undefined {
  const asked = patterns.flatMap((pattern) => pattern.asked(options, requests) ?? []);
  if (asked.length > 1) {
    const kinds = asked.map(({ kind }) => kind).join(' and ');
    throw new LoadError('bad-test', `options of several arrival patterns: ${kinds}`, {
      hint: 'use the options of only one pattern',
    });
  }
  return asked[0];
}

/** Problems with a specification for `count` requests, as messages; empty if it is valid. */
export function problemsOfArrivals(spec: ArrivalSpec, count: number): string[] {
  const pattern = patterns.find(({ kind }) => kind === spec.kind);
  if (pattern !== undefined) return pattern.problems(spec, count);
  return [`arrivals.kind must be one of ${patterns.map(({ kind }) => kind).join(', ')}, not '${spec.kind}'`];
}

/** How a raw result states when requests were sent. */
export function recordedArrivals(spec: ArrivalSpec): RecordedArrivals {
  return patterns.find(({ kind }) => kind === spec.kind)?.recorded?.(spec) ?? {};
}

/** Due times of all requests, in milliseconds from the start, ascending. The same seed gives the same times. */
export function arrivalTimesMs(spec: ArrivalSpec, count: number, seed: number): Float64Array {
  const pattern = patterns.find(({ kind }) => kind === spec.kind);
  if (pattern === undefined) throw new LoadError('bad-test', problemsOfArrivals(spec, count).join('; '));
  return pattern.timesMs(spec, count, seed);
}
