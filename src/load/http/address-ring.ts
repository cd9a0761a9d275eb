import { nowMs } from '../clock.ts';
import type { ServerAddresses } from './addresses.ts';
import type { ConnectionTarget } from './target.ts';

/** How long an address that refused a connection is skipped if there are others. */
const passedOverMs = 1000;

/** The addresses of a server, used in turn by one thread's connections, with a count of requests for each. */
export class AddressRing {
  readonly #targets: readonly ConnectionTarget[];
  readonly #requests: number[];
  readonly #refusedUntilMs: number[];
  /** The addresses of each server, and the next one to use. */
  readonly #servers: readonly { readonly places: readonly number[]; next: number }[];

  /** `offset`: the number of connections opened by the threads before this one. */
  constructor({ reachable }: ServerAddresses, offset: number) {
    this.#targets = reachable;
    this.#requests = reachable.map(() => 0);
    this.#refusedUntilMs = reachable.map(() => 0);
    const count = reachable.reduce((most, { server = 0 }) => Math.max(most, server + 1), 1);
    this.#servers = Array.from({ length: count }, (_, server) => {
      const places = [...reachable.keys()].filter((place) => (reachable[place]?.server ?? 0) === server);
      return { places, next: offset % places.length };
    });
  }

  /** Requests sent to each address since the last `resetCounts`. */
  get requests(): readonly number[] {
    return this.#requests;
  }

  resetCounts(): void {
    this.#requests.fill(0);
  }

  /** The index of the address that the next connection to a server uses. */
  next(server = 0): number {
    const ring = this.#servers[server];
    if (ring === undefined) throw new Error('a test has fewer servers than were used');
    const { length } = ring.places;
    const atMs = length === 1 ? 0 : nowMs();
    const inTurn = Array.from({ length }, (_, step) => (ring.next + step) % length);
    const isFree = (at: number): boolean => (this.#refusedUntilMs[ring.places[at] ?? 0] ?? 0) <= atMs;
    const chosen = inTurn.find(isFree) ?? ring.next;
    ring.next = (chosen + 1) % length;
    return ring.places[chosen] ?? 0;
  }

  at(place: number): ConnectionTarget {
    const target = this.#targets[place];
    if (target === undefined) throw new Error('a server has fewer addresses than were used');
    return target;
  }

  refused(place: number): void {
    this.#refusedUntilMs[place] = nowMs() + passedOverMs;
  }

  sent(place: number): void {
    this.#requests[place] = (this.#requests[place] ?? 0) + 1;
  }
}
