/**
 * Seeded random numbers (xoshiro128**, seeded by splitmix32): the same seed gives the same sequence on every machine.
 */
export class Random {
  // Signed 32-bit numbers in fields need no further memory, and reading them is faster than a typed array.
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  constructor(seed: number) {
    this.reseed(seed);
  }

  /** Starts the sequence of a seed. */
  reseed(seed: number): void {
    this.#a = mixed(seed, 1);
    this.#b = mixed(seed, 2);
    this.#c = mixed(seed, 3);
    this.#d = mixed(seed, 4);
  }

  /** A 32-bit unsigned integer. */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const third = this.#c ^ this.#a;
    const fourth = this.#d ^ this.#b;
    const shifted = this.#b << 9;
    this.#b ^= third;
    this.#a ^= fourth;
    this.#c = third ^ shifted;
    this.#d = (fourth << 11) | (fourth >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A uniform integer in [low, high], both inclusive. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -Math.log1p(-this.unit()) * mean;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const x = 2 * this.unit() - 1;
      const y = 2 * this.unit() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
    }
  }

  /** Gamma with the given shape and scale (Marsaglia and Tsang, 2000; their boosting step for shapes below 1). */
  gamma(shape: number, scale: number): number {
    if (shape < 1) return this.gamma(shape + 1, scale) * this.unit() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.unit()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
    }
  }
}

/** The state's word at a position: that step of splitmix32. */
function mixed(seed: number, position: number): number {
  let word = (seed + Math.imul(position, 0x9e3779b9)) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}
