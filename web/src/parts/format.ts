// A formatter costs a hundred times what using it does, so each is made once.
const decimalFormats = [0, 1, 2].map(
  (digits) => new Intl.NumberFormat('en', { maximumFractionDigits: digits }),
);
const smallFormat = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const fiveDigitsFormat = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 });
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** A number as people read it: about four digits, and no more than are known. */
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e6) return `${decimals(value / 1e6, 2)}M`;
  if (size >= 100_000) return `${decimals(value / 1000, 0)}k`;
  if (size >= 1000 || size === 0) return decimals(value, 0);
  if (size >= 100) return decimals(value, 1);
  if (size >= 0.1) return decimals(value, 2);
  return smallFormat.format(value);
}

/** A figure with its unit, if it is known. */
export function withUnit(value: number | null, unit: string): string {
  return value === null ? 'not known' : `${shortNumber(value)} ${unit}`;
}

/** A number that must be told from its neighbours: five digits. */
export function fiveDigits(value: number): string {
  return fiveDigitsFormat.format(value);
}

/** Short labels for ticks: `1.2k`, `30k`, `0.05`. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1000)}k`;
  return trimmed(value);
}

export function usd(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '$0';
  if (value >= 100) return `$${decimals(value, 0)}`;
  // Below a dollar the third digit tells neighbours apart.
  return `$${value >= 1 ? value.toFixed(2) : value.toPrecision(3)}`;
}

export function percent(share: number, digits = 1): string {
  return `${decimals(100 * share, digits)} %`;
}

/** With a sign, for changes: `+4.2 %`. */
export function signedPercent(share: number): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${decimals(Math.abs(100 * share), 1)} %`;
}

/** A day as `24 Nov 2026`, the same for every reader. */
export function day(when: string | number): string {
  return dayFormat.format(dateOf(when));
}

/** A time as `24 Nov 2026, 12:53 UTC`. */
export function moment(when: string | number): string {
  return `${day(when)}, ${timeFormat.format(dateOf(when))} UTC`;
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
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** ISO 8601, or seconds since 1970. */
function dateOf(when: string | number): Date {
  return new Date(typeof when === 'number' ? when * 1000 : when);
}

function decimals(value: number, digits: number): string {
  return decimalFormats[digits]?.format(value) ?? value.toFixed(digits);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(4)));
}
