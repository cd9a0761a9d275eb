/** How often somebody may ask. */
export interface RateLimit {
  /** Asked at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** How many clients are remembered; the one unheard of for longest is forgotten first. */
const maxClients = 10_000;

/** A token bucket for each client. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Takes one request of a client; the seconds to wait for the next one where it had none left, else undefined. */
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
