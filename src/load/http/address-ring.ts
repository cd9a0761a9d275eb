import { nowMs } from '../clock.ts';
import type { ServerAddresses } from './addresses.ts';
import type { ConnectionTarget } from './target.ts';

/** How long an address that refused a connection is passed over if there are others. */
const passedOverMs = 1000;

/** The addresses of a server, which the connections of one thread use in turn, and how many requests each got. */
export class AddressRing {
  readonly #targets: readonly ConnectionTarget[];
  readonly #requests: number[];
  readonly #refusedUntilMs: number[];
  #next: number;

  /** `offset` is how many connections the threads before this one open. */
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

  /** The place of the address that the next connection goes to. */
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
