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
   * Waits for a slot. Returns undefined, and holds nothing, if the signal is aborted first. Of several free slots it is
   * the one of the highest value, and of equal ones the one that was free for the longest time.
   */
  async acquire(signal: AbortSignal, value: (slot: Slot) => number = () => 0): Promise<Slot | undefined> {
    if (signal.aborted) return undefined;
    const free = this.#best(value);
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

  #best(value: (slot: Slot) => number): Slot | undefined {
    const values = this.#free.map(value);
    const best = values.indexOf(Math.max(...values));
    return best < 0 ? undefined : this.#free.splice(best, 1)[0];
  }

  release(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
