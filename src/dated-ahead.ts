/** Clocks of machines differ by this much, and times without a zone by half a day. */
const mostAheadMs = 24 * 3_600_000;

/** The latest time, milliseconds since 1970, that counts as past: whatever is dated later had a wrong clock. */
export function latestCredibleMs(): number {
  return Date.now() + mostAheadMs;
}

/** Whether a time, milliseconds since 1970, can only be that of a clock that was ahead. */
export function isDatedAhead(atMs: number): boolean {
  return atMs > latestCredibleMs();
}
