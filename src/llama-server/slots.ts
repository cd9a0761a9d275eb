/** A fixed number of slots; if none is free, callers wait in order of arrival. */
export class Slots<Slot> {
  readonly #free: Slot[];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  readonly total: number;

  constructor(slots: readonly Slot[]) {
    this.#free = [...slots];
    this.total = slots.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }
  get busy(): number {
    return this.total - this.#free.length;
  }

  /**
   * Waits for a slot; among several free ones, it is one with the highest worth. Returns undefined, and holds nothing, if
   * the signal is aborted first.
   */
  async acquire(signal: AbortSignal, worth: (slot: Slot) => number = () => 0): Promise<Slot | undefined> {
    if (signal.aborted) return undefined;
    const free = this.#best(worth);
    if (free !== undefined) return free;
    return await new Promise((resolve) => {
      const granted = (slot: Slot): void => {
        signal.removeEventListener('abort', leave);
        resolve(slot);
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        resolve(undefined);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(granted);
    });
  }

  /** Takes the free slot that is worth most; of equal ones, the one that was released last. */
  #best(worth: (slot: Slot) => number): Slot | undefined {
    const worths = this.#free.map(worth);
    const [best] = this.#free.splice(worths.lastIndexOf(Math.max(...worths)), 1);
    return best;
  }

  release(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
