import { scaleUtc } from 'd3-scale';
import type { Domain } from './scale.ts';

const dayS = 86_400;
const hoursBelowS = 2 * dayS;
/** What a label shows of a time, by the length of the axis: the least that distinguishes its ticks. */
const labelForms: readonly { readonly belowS: number; readonly shows: Intl.DateTimeFormatOptions }[] = [
  { belowS: hoursBelowS, shows: { hour: '2-digit', minute: '2-digit' } },
  { belowS: 365 * dayS, shows: { day: 'numeric', month: 'short' } },
  // Days repeat after a year, and two ticks may be in the same month.
  { belowS: 400 * dayS, shows: { day: 'numeric', month: 'short', year: '2-digit' } },
  { belowS: Number.POSITIVE_INFINITY, shows: { month: 'short', year: 'numeric' } },
];

/** Round times between two times (seconds since 1970), about 90 px apart, each with a different label. */
function timeTicks([from, to]: Domain, pixels: number): number[] {
  const ticks = scaleUtc([from * 1000, to * 1000], [0, 1])
    .ticks(Math.max(2, Math.round(pixels / 90)))
    .map((date) => date.getTime() / 1000);
  return to - from < hoursBelowS ? ticks : ticks.filter((timeS) => timeS % dayS === 0);
}

/**
 * Ticks of a time axis and their labels: the hour if the axis covers few days, else the day or the
 * month. If the axis covers several years, the first tick of each year names it.
 */
export function timeAxis(
  times: Domain,
  pixels: number,
): { readonly ticks: readonly number[]; format(timeS: number): string } {
  const [from, to] = times;
  const ticks = timeTicks(times, pixels);
  const shows = labelForms.find(({ belowS }) => to - from < belowS)?.shows ?? {};
  const format = new Intl.DateTimeFormat('en-GB', { ...shows, timeZone: 'UTC' });
  const years = ticks.map(yearOf);
  const firsts = new Set(ticks.filter((_, at) => years[at] !== years[at - 1]));
  const namesYears = yearOf(from) !== yearOf(to) && to - from >= hoursBelowS && shows.year === undefined;
  return {
    ticks,
    format: (timeS) =>
      `${format.format(timeS * 1000)}${namesYears && firsts.has(timeS) ? ` ${yearOf(timeS)}` : ''}`,
  };
}

/** The day of an axis whose ticks are only hours, else nothing. */
export function timeAxisLabel([from, to]: Domain): string {
  if (to - from >= hoursBelowS) return '';
  const format = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const [first, last] = [from, to].map((timeS) => format.format(timeS * 1000));
  return `${first === last ? first : `${first} to ${last}`}, UTC`;
}

function yearOf(timeS: number): number {
  return new Date(timeS * 1000).getUTCFullYear();
}
