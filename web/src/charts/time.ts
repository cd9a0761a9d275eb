import { scaleUtc } from 'd3-scale';
import type { Domain } from './scale.ts';

/** Round moments between two times (seconds since 1970), about 90 px apart. */
export function timeTicks([from, to]: Domain, pixels: number): number[] {
  return scaleUtc([from * 1000, to * 1000], [0, 1])
    .ticks(Math.max(2, Math.round(pixels / 90)))
    .map((date) => date.getTime() / 1000);
}

/** A time on an axis: the hour where the axis covers few days, else the day. */
export function timeLabel([from, to]: Domain): (timeS: number) => string {
  const options: Intl.DateTimeFormatOptions =
    to - from < 2 * 86_400
      ? { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }
      : to - from > 400 * 86_400
        ? { month: 'short', year: 'numeric', timeZone: 'UTC' }
        : { day: 'numeric', month: 'short', timeZone: 'UTC' };
  const format = new Intl.DateTimeFormat('en-GB', options);
  return (timeS) => format.format(timeS * 1000);
}
