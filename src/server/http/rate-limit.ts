/** Limits on a client's requests. */
export interface RateLimit {
  /** Requests allowed at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Number of clients that are remembered; the least recently seen one is dropped first. */
const maxClients = 10_000;

/** Limits each client by a token bucket. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts a request of a client. Returns the seconds to wait if the limit is exceeded, else undefined. */
  take(client: string): number | undefined {
    const { burst, perSecond } = this.#limit;
    const atMs = this.#now();
    const known = this.#buckets.get(client) ?? { left: burst, atMs };
    const left = Math.min(burst, known.left + ((atMs - known.atMs) / 1000) * perSecond);
    const taken = left >= 1;
    this.#buckets.delete(client);
    this.#buckets.set(client, { left: taken ? left - 1 : left, atMs });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxClients && oldest !== undefined) this.#buckets.delete(oldest);
    return taken ? undefined : (1 - left) / perSecond;
  }
}
