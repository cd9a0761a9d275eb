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
