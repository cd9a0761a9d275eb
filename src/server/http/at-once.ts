interface Limits {
  /** Pieces that are done at once. */
  readonly running: number;
  /** Pieces that wait for their turn. */
  readonly waiting: number;
}

/** Work of which only so much is done at once, because each piece takes much of the machine. */
export class AtOnce {
  readonly #most: Limits;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(most: Limits) {
    this.#most = most;
  }

  /** Does a piece of work when its turn comes; throws TooMuchAtOnce at once where too many wait already. */
  async do<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#most.running) this.#running++;
    else if (this.#queue.length < this.#most.waiting)
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    else throw new TooMuchAtOnce();
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Asked again in a moment, it may be done. */
export class TooMuchAtOnce extends Error {
  override readonly name = 'TooMuchAtOnce';
}
