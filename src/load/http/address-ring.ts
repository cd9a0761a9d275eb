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
  #next: number;

  /** `offset`: the number of connections opened by the threads before this one. */
  constructor({ reachable }: ServerAddresses, offset: number) {
    this.#targets = reachable;
    this.#requests = reachable.map(() => 0);
    this.#refusedUntilMs = reachable.map(() => 0);
    this.#next = offset % reachable.length;
  }

  /** Requests sent to each address since the last `resetCounts`. */
  get requests(): readonly number[] {
    return this.#requests;
  }

  resetCounts(): void {
    this.#requests.fill(0);
  }

  /** The index of the address that the next connection uses. */
  next(): number {
    const { length } = this.#targets;
    const atMs = length === 1 ? 0 : nowMs();
    const inTurn = Array.from({ length }, (_, step) => (this.#next + step) % length);
    const chosen = inTurn.find((place) => (this.#refusedUntilMs[place] ?? 0) <= atMs) ?? this.#next;
    this.#next = (chosen + 1) % length;
    return chosen;
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
