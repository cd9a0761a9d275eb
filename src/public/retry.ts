/** Another try is worth it: the server is busy or being mended, or the answer was cut off on its way. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
  /** What the server asked for, milliseconds. */
  readonly afterMs: number | undefined;

  constructor(message: string, afterMs?: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** Statuses after which the same question may be answered. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isTemporary(status: number): boolean {
  return temporary.has(status);
}

/** What `Retry-After` asks for, in seconds or as a date; undefined for neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const firstMs = 1_000;
const longestMs = 60_000;

/** How long to wait after a try, counted from 0, that the server did not say it of: doubled each time, spread by `draw` in [0, 1). */
export function backoffMs(attempt: number, draw: number): number {
  return Math.min(longestMs, firstMs * 2 ** attempt) * (0.5 + draw / 2);
}
