/** Larger numbers are milliseconds: no time in the contract reaches 10^12 seconds. */
const firstMilliseconds = 1e12;

/**
 * Seconds of Unix time of a cell that a GPU tool wrote: epoch seconds or milliseconds, `YYYY/MM/DD hh:mm:ss[.f]`, or
 * ISO 8601. A time without a zone is local. Undefined for any other format.
 *
 * @example
 * unixSecondsOf('1784999997500'); // 1784999997.5
 */
export function unixSecondsOf(cell: string): number | undefined {
  const text = cell.trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number > firstMilliseconds ? number / 1000 : number;
  }
  const match = iso.exec(text) ?? slashed.exec(text);
  if (match?.groups === undefined) return undefined;
  const two = (part: string) => (match.groups?.[part] ?? '0').padStart(2, '0');
  const { year, fraction = '', zone = '' } = match.groups;
  const time = `${two('hour')}:${two('minute')}:${two('second')}`;
  // Date parses milliseconds; finer digits are added.
  const wholeMs = Date.parse(
    `${year}-${two('month')}-${two('day')}T${time}${zone === '' ? '' : zoneIn(zone)}`,
  );
  return Number.isNaN(wholeMs) ? undefined : wholeMs / 1000 + (fraction === '' ? 0 : Number(`0.${fraction}`));
}

const iso =
  /^(?<year>\d{4})-?(?<month>\d{2})-?(?<day>\d{2})(?:[ T](?<hour>\d{2})(?::?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?)?\s*(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;
const slashed =
  /^(?<year>\d{4})\/(?<month>\d{1,2})\/(?<day>\d{1,2}) (?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?:\.(?<fraction>\d{1,6}))?$/;

function zoneIn(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
}
