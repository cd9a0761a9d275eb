import { scaleUtc } from 'd3-scale';
import type { Domain } from './scale.ts';

const dayS = 86_400;
/** Labels are hours below so much, months above, and days between. */
const hoursBelowS = 2 * dayS;
const monthsAboveS = 400 * dayS;

/** Round moments between two times (seconds since 1970), about 90 px apart, no two of which have one label. */
export function timeTicks([from, to]: Domain, pixels: number): number[] {
  const ticks = scaleUtc([from * 1000, to * 1000], [0, 1])
    .ticks(Math.max(2, Math.round(pixels / 90)))
    .map((date) => date.getTime() / 1000);
  return to - from < hoursBelowS ? ticks : ticks.filter((timeS) => timeS % dayS === 0);
}

/** A time on an axis: the hour where the axis covers few days, else the day or the month. */
export function timeLabel([from, to]: Domain): (timeS: number) => string {
  const options: Intl.DateTimeFormatOptions =
    to - from < hoursBelowS
      ? { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }
      : to - from > monthsAboveS
        ? { month: 'short', year: 'numeric', timeZone: 'UTC' }
        : { day: 'numeric', month: 'short', timeZone: 'UTC' };
  const format = new Intl.DateTimeFormat('en-GB', options);
  return (timeS) => format.format(timeS * 1000);
}
