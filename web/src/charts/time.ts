import { scaleUtc } from 'd3-scale';
import type { Domain } from './scale.ts';

const dayS = 86_400;
const hoursBelowS = 2 * dayS;
/** What a label shows of a time, by how long the axis is at most: as little as tells its places apart. */
const labelForms: readonly { readonly belowS: number; readonly shows: Intl.DateTimeFormatOptions }[] = [
  { belowS: hoursBelowS, shows: { hour: '2-digit', minute: '2-digit' } },
  { belowS: 365 * dayS, shows: { day: 'numeric', month: 'short' } },
  // The days of a year come again after it, and two places may still be in one month.
  { belowS: 400 * dayS, shows: { day: 'numeric', month: 'short', year: '2-digit' } },
  { belowS: Number.POSITIVE_INFINITY, shows: { month: 'short', year: 'numeric' } },
];

/** Round moments between two times (seconds since 1970), about 90 px apart, no two of which have one label. */
function timeTicks([from, to]: Domain, pixels: number): number[] {
  const ticks = scaleUtc([from * 1000, to * 1000], [0, 1])
    .ticks(Math.max(2, Math.round(pixels / 90)))
    .map((date) => date.getTime() / 1000);
  return to - from < hoursBelowS ? ticks : ticks.filter((timeS) => timeS % dayS === 0);
}

/**
 * The places of an axis of time and what each is called: the hour if the axis covers few days, else the day or the
 * month. Where it goes on into another year, the first place of each year names it.
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

function yearOf(timeS: number): number {
  return new Date(timeS * 1000).getUTCFullYear();
}
