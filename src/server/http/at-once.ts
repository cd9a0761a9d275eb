interface Limits {
  /** Maximum number of pieces of work that run at once. */
  readonly running: number;
  /** Maximum number of pieces of work that wait. */
  readonly waiting: number;
}

/** Limits how many pieces of expensive work run at once. */
export class AtOnce {
  readonly #most: Limits;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(most: Limits) {
    this.#most = most;
  }

  /** Runs work when its turn comes; throws TooMuchAtOnce immediately if the queue is full. */
  async do<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#most.running) this.#running++;
    else if (this.#queue.length < this.#most.waiting)
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    else throw new TooMuchAtOnce();
    try {
      return await work();
    } finally {
      // The next one in the queue takes over the slot.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** The queue is full; a later retry may succeed. */
export class TooMuchAtOnce extends Error {
  override readonly name = 'TooMuchAtOnce';
}
