import { type Arrival, arrivalOf } from '../../../src/derived/arrival.ts';
import { decimals, quantity, seconds } from '../parts/format.ts';
import { metricOf, type PublishedPoint } from './points.ts';

export function arrivalAt(point: PublishedPoint): Arrival {
  return arrivalOf({ version: point.version, metric: (name) => metricOf(point, name) });
}

/** How tokens arrive, in words: each state is said, so that silence means nothing. */
export function arrivalWords(arrival: Arrival): string {
  switch (arrival.state) {
    case 'smooth':
      return `tokens arrive smoothly: ${gapWords(arrival.gapMs)}`;
    case 'bursts':
      return `tokens arrive in bursts: ${gapWords(arrival.gapMs)}`;
    case 'unknown':
      return 'not known how tokens arrive';
  }
}

function gapWords(gapMs: number): string {
  return `p99 gap ${gapMs < 100 ? quantity(decimals(gapMs, 0), 'ms') : seconds(gapMs)}`;
}
