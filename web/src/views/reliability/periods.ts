import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { day, plural } from '../../parts/format.ts';
import { type Count, total } from './rates.ts';

export type Period = ReliabilityDocument['periods'][number];

/** How a period is named in the address. */
export function periodKey({ days }: Period): string {
  return days === null ? 'all' : String(days);
}

/**
 * The period of an address; else the longest one with a fixed length, because all days together compare hardware of
 * different times. These are chosen only if there is no such period.
 */
export function periodAsked(periods: readonly Period[], key: string): Period | undefined {
  return (
    periods.find((one) => periodKey(one) === key) ??
    periods.findLast(({ days }) => days !== null) ??
    periods[0]
  );
}

export function periodWords({ from, to }: Pick<Period, 'from' | 'to'>): string {
  return from === to ? `on ${day(from)}` : `from ${day(from)} to ${day(to)}`;
}

export function periodTitle(period: Period): string {
  const { days, from, to } = period;
  return days === null
    ? `All days, ${day(from)} to ${day(to)}`
    : `The last ${plural(days, 'day')}, ${day(from)} to ${day(to)}`;
}

/** What ended in one week or on one day. */
export interface RatedSpan extends Count {
  /** Its first day. */
  readonly from: string;
  /** Its last day. */
  readonly to: string;
}

const dayMs = 86_400_000;
const mostDays = 21;

/** Counts by day as counts of equally long intervals: days, or weeks from Monday to Sunday if there are many days. */
export function intervalsOf(byDay: readonly (Count & { readonly day: string })[]): {
  readonly each: 'day' | 'week';
  readonly intervals: readonly RatedSpan[];
} {
  const [first, last] = [byDay[0]?.day, byDay.at(-1)?.day];
  if (first === undefined || last === undefined) return { each: 'day', intervals: [] };
  const each = (Date.parse(last) - Date.parse(first)) / dayMs < mostDays ? 'day' : 'week';
  const groups = Map.groupBy(byDay, ({ day: one }) => (each === 'day' ? one : mondayOf(one)));
  return {
    each,
    intervals: [...groups].map(([from, days]) => ({
      from,
      to: each === 'day' ? from : isoDay(Date.parse(from) + 6 * dayMs),
      ...total(days),
    })),
  };
}

/** The Monday of a day's week. */
function mondayOf(one: string): string {
  const ms = Date.parse(one);
  return isoDay(ms - ((new Date(ms).getUTCDay() + 6) % 7) * dayMs);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
