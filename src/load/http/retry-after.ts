const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three date formats of RFC 9110 §5.6.7, including the obsolete ones. */
const dateForms = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]+day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** Header fields by lower-case name: a map, or the headers of `fetch`. */
interface HeaderValues {
  get(name: string): string | null | undefined;
}

/**
 * Seconds that a `Retry-After` header asks to wait: a number, or the time until a date, by the server's clock if it
 * sends `Date`. 0 for a past date; undefined if the header is missing or invalid.
 */
export function retryAfterSeconds(headers: HeaderValues, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const untilMs = httpDateMs(text, nowMs);
  if (untilMs === undefined) return undefined;
  const serverMs = httpDateMs(headers.get('date')?.trim() ?? '', nowMs) ?? nowMs;
  return Math.max(0, (untilMs - serverMs) / 1000);
}

/** Milliseconds since 1970; undefined if the text is not a date. `nowMs` determines the century of a two-digit year. */
export function httpDateMs(text: string, nowMs: number): number | undefined {
  for (const form of dateForms) {
    const { day, month = '', year = '', time } = form.exec(text)?.groups ?? {};
    const place = months.indexOf(month);
    if (day === undefined || place === -1) continue;
    const digits = String(place + 1).padStart(2, '0');
    const iso = `${fullYear(year, nowMs)}-${digits}-${day.trim().padStart(2, '0')}T${time}Z`;
    const ms = Date.parse(iso);
    return Number.isNaN(ms) ? undefined : ms;
  }
  return undefined;
}

/** A two-digit year that would be more than 50 years ahead is in the past. */
function fullYear(year: string, nowMs: number): string {
  if (year.length === 4) return year;
  const thisYear = new Date(nowMs).getUTCFullYear();
  const near = thisYear - (thisYear % 100) + Number(year);
  return String(near > thisYear + 50 ? near - 100 : near);
}
