/** Above this a number is milliseconds: the contract reads 10^12 seconds nowhere. */
const firstMilliseconds = 1e12;

/**
 * Seconds of Unix time of a cell that tools of GPUs write: epoch seconds or milliseconds, `YYYY/MM/DD hh:mm:ss[.f]`, or
 * ISO 8601. A time without a zone is local. Undefined for what is none of these.
 *
 * @example
 * unixSecondsOf('1784999997500'); // 1784999997.5
 */
export function unixSecondsOf(cell: string): number | undefined {
  const text = cell.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number > firstMilliseconds ? number / 1000 : number;
  }
  const match = dateAndTime.exec(text);
  if (match?.groups === undefined) return undefined;
  const { year, month, day, time = '', fraction = '', zone = '' } = match.groups;
  // Date reads milliseconds; what is finer is added.
  const wholeMs = Date.parse(`${year}-${month}-${day}T${time}${zone === '' ? '' : zoneIn(zone)}`);
  return Number.isNaN(wholeMs) ? undefined : wholeMs / 1000 + (fraction === '' ? 0 : Number(`0.${fraction}`));
}

const dateAndTime =
  /^(?<year>\d{4})[/-](?<month>\d{2})[/-](?<day>\d{2})[ T](?<time>\d{2}:\d{2}:\d{2})(?:[.,](?<fraction>\d+))?\s*(?<zone>Z|[+-]\d{2}:?\d{2})?$/i;

function zoneIn(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
}
