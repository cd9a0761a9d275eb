/** A temporary failure, worth a retry: the server is busy or down, or the answer was truncated. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
  /** The pause that the server asked for, in milliseconds. */
  readonly afterMs: number | undefined;

  constructor(message: string, afterMs?: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** HTTP statuses after which the same request may succeed. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether a request that failed with this HTTP status is worth a retry. */
export function isTemporary(status: number): boolean {
  return temporary.has(status);
}
