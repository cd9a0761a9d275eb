/** The longest delay of a Node timer: about 24.8 days. */
const longestMs = 2 ** 31 - 1;

/**
 * A signal that aborts after a computed time, which may be a fraction or longer than a timer can wait:
 * `AbortSignal.timeout` throws a RangeError for both. Times are rounded up to whole milliseconds.
 */
export function timeoutSignal(delayMs: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.ceil(delayMs), longestMs));
}
