/** Prices of hardware change within a quarter. */
const staleAfterDays = 120;

/** Whether a price of a month, such as `2026-08`, is too old to use without a warning; its age counts from the month's end. */
export function isStalePrice(month: string, nowMs: number = Date.now()): boolean {
  const [year = 0, of = 1] = month.split('-').map(Number);
  return (nowMs - Date.UTC(year, of)) / 86_400_000 > staleAfterDays;
}

const names = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** `August 2026`. */
export function monthName(month: string): string {
  const [year, of] = month.split('-');
  return `${names[Number(of) - 1] ?? of} ${year}`;
}
