import { InvalidArgumentError } from 'commander';
import { decimal } from './options.ts';

const unitsS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Longer than a century is a mistake, and may exceed the range of dates. */
const longestS = 100 * 365.25 * 86_400;

/** Parses `90s`, `15m`, `2h`, `7d` or `1w`; returns seconds. */
export function durationS(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const amount = decimal(digits);
  const unitS = unitsS[unit];
  if (amount === undefined || unitS === undefined || !(amount > 0 && amount * unitS < longestS))
    throw new InvalidArgumentError('expected a duration such as 90s, 15m, 2h or 7d');
  return amount * unitS;
}

/** Formats seconds as `45 s`, `12 min` or `2 h 05 min`. */
export function durationInWords(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
