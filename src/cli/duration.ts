import { InvalidArgumentError } from 'commander';

const unitsS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Parses `90s`, `15m`, `2h`, `7d` or `1w` for an option; the result is in seconds. */
export function durationS(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const unitS = unit === undefined ? undefined : unitsS[unit];
  if (unitS === undefined || Number(amount) === 0)
    throw new InvalidArgumentError('expected a duration such as 90s, 15m, 2h or 7d');
  return Number(amount) * unitS;
}
