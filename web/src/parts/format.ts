// Everything here is written without `Intl`: the first formatter of a page loads the locale's data, which takes longer
// than all computations of the front page.
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];

/** A number for reading: about four digits, and no more than are known. */
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e6) return `${decimals(value / 1e6, 2)}M`;
  if (size >= 100_000) return `${decimals(value / 1000, 0)}k`;
  if (size >= 1000 || size === 0) return decimals(value, 0);
  if (size >= 100) return decimals(value, 1);
  if (size >= 0.1) return decimals(value, 2);
  return significant(value, 2);
}

/** A figure with its unit, if it is known. */
export function withUnit(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? 'not known' : quantity(shortNumber(value), unit);
}

/** A number and its unit, without a line break between them. */
export function quantity(figure: string | number, unit: string): string {
  return `${figure}\u00a0${unit}`;
}

/** `0.29 s`: times to the first token are read in seconds. */
export function seconds(ms: number): string {
  return quantity(shortNumber(ms / 1000), 's');
}

/** Rounded to a number of digits. */
export function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** A number that must differ from its neighbours: five digits. */
export function fiveDigits(value: number): string {
  return significant(value, 5);
}

/** Short labels for ticks: `1.2k`, `30k`, `0.05`. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1000)}k`;
  return trimmed(value);
}

export function usd(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : usdTo(value);
}

/** The same with a number of digits. */
export function usdTo(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '$0';
  if (value >= 100) return `$${decimals(value, 0)}`;
  if (digits !== undefined) return `$${value.toPrecision(digits)}`;
  // Below a dollar three digits are needed to distinguish neighbours.
  return `$${value >= 1 ? value.toFixed(2) : value.toPrecision(3)}`;
}

export function percent(share: number, digits = 1): string {
  return quantity(decimals(100 * share, digits), '%');
}

/** With a sign, for changes: `+4.2 %`. */
export function signedPercent(share: number): string {
  const sign = share > 0 ? '+' : share < 0 ? '−' : '';
  return `${sign}${percent(Math.abs(share))}`;
}

/** A day as `24 Nov 2026`, the same for every reader. */
export function day(when: string | number): string {
  const date = dateOf(when);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** A time as `24 Nov 2026, 12:53 UTC`; exactly midnight means that the source has only the day. */
export function moment(when: string | number): string {
  const date = dateOf(when);
  if (date.getTime() % 86_400_000 === 0) return day(when);
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${day(when)}, ${hour}:${minute} UTC`;
}

/** How long ago, in the largest unit that fits. */
export function age(when: string | number, nowMs: number = Date.now()): string {
  const minutes = Math.max(0, (nowMs - dateOf(when).getTime()) / 60_000);
  const units = [
    [365.25 * 1440, 'year'],
    [30.44 * 1440, 'month'],
    [1440, 'day'],
    [60, 'hour'],
    [1, 'minute'],
  ] as const;
  for (const [size, name] of units) {
    const count = Math.floor(minutes / size);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${decimals(count, 0)} ${count === 1 ? one : many}`;
}

/** ISO 8601, or seconds since 1970. */
function dateOf(when: string | number): Date {
  return new Date(typeof when === 'number' ? when * 1000 : when);
}

/** With a maximum number of decimals, thousands grouped: `1,234.5`. */
export function decimals(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  // Halves are rounded away from 0 by the number's decimal digits, not by its binary ones.
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
  const units = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`));
  const [whole = '', fraction = ''] = Number(`${units}e${-digits}`).toFixed(Math.max(0, digits)).split('.');
  const known = fraction.replace(/0+$/, '');
  const sign = value < 0 && units > 0 ? '-' : '';
  return `${sign}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${known === '' ? '' : `.${known}`}`;
}

/** With a maximum number of digits. */
export function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const exponent = Number(Math.abs(value).toExponential().split('e')[1]);
  return decimals(value, Math.min(100, digits - 1 - exponent));
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(4)));
}
