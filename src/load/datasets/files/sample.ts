import { Random } from '../../random.ts';

/**
 * Keeps at most `wanted` of the things it is offered, each with the same chance, and holds no more than these: the same
 * seed keeps the same in the same order. Without a seed it keeps the first in the order of the file.
 */
export class ReservoirSample<T> {
  /** How many things were offered. */
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

  /** What was kept, shuffled if there is a seed. */
  kept(): T[] {
    const things = [...this.#kept];
    if (this.#random === undefined) return things;
    const keyed = things.map((thing) => ({ thing, key: this.#random?.unit() ?? 0 }));
    return keyed.sort((a, b) => a.key - b.key).map(({ thing }) => thing);
  }
}
