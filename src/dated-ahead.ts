/** Allows for clock differences between machines, and for half a day in times without a zone. */
const mostAheadMs = 24 * 3_600_000;

/** The latest plausible time of a past event, milliseconds since 1970; a later one comes from a wrong clock. */
export function latestCredibleMs(): number {
  return Date.now() + mostAheadMs;
}

/** Whether a time, milliseconds since 1970, can only come from a clock that is ahead. */
export function isDatedAhead(atMs: number): boolean {
  return atMs > latestCredibleMs();
}
