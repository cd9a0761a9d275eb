import { Random } from '../../random.ts';

/**
 * Keeps at most `wanted` of the offered items, each with the same probability, and stores no more than these. The same
 * seed keeps the same items in the same order. Without a seed, it keeps the first items in file order.
 */
export class ReservoirSample<T> {
  /** How many items were offered. */
  offered = 0;
  readonly #wanted: number;
  readonly #random: Random | undefined;
  readonly #kept: T[] = [];

  constructor(wanted: number, seed: number | undefined) {
    this.#wanted = wanted;
    this.#random = seed === undefined ? undefined : new Random(seed ^ 0x5a3f);
  }

  /** Reservoir sampling: Vitter's algorithm R (1985). */
  offer(thing: T): void {
    this.offered++;
    if (this.#kept.length < this.#wanted) {
      this.#kept.push(thing);
    } else if (this.#random !== undefined) {
      const place = this.#random.integer(0, this.offered - 1);
      if (place < this.#wanted) this.#kept[place] = thing;
    }
  }

  /** The kept items, shuffled if there is a seed. */
  kept(): T[] {
    const things = [...this.#kept];
    if (this.#random === undefined) return things;
    const keyed = things.map((thing) => ({ thing, key: this.#random?.unit() ?? 0 }));
    return keyed.sort((a, b) => a.key - b.key).map(({ thing }) => thing);
  }
}
