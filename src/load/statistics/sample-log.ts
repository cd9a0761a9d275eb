/** A growing list of numbers in segments of typed memory: appending many never copies what is there. */
export class SampleLog {
  static readonly #segmentLength = 1 << 16;
  readonly #segments: Float32Array[] = [];
  #used = SampleLog.#segmentLength;

  get length(): number {
    return this.#segments.length * SampleLog.#segmentLength - (SampleLog.#segmentLength - this.#used);
  }

  push(value: number): void {
    if (this.#used === SampleLog.#segmentLength) this.#grow();
    const segment = this.#segments.at(-1);
    if (segment !== undefined) segment[this.#used++] = value;
  }

  pushAll(values: Float32Array): void {
    let from = 0;
    while (from < values.length) {
      if (this.#used === SampleLog.#segmentLength) this.#grow();
      const to = Math.min(values.length, from + SampleLog.#segmentLength - this.#used);
      this.#segments.at(-1)?.set(values.subarray(from, to), this.#used);
      this.#used += to - from;
      from = to;
    }
  }

  /** All samples in the order they came, as pieces of what is held here. */
  segments(): Float32Array[] {
    return this.#segments.map((segment, index) =>
      index === this.#segments.length - 1 ? segment.subarray(0, this.#used) : segment,
    );
  }

  /** All samples in one array, in the order they came. */
  toArray(): Float32Array {
    const all = new Float32Array(this.length);
    let at = 0;
    for (const segment of this.segments()) {
      all.set(segment, at);
      at += segment.length;
    }
    return all;
  }

  #grow(): void {
    this.#segments.push(new Float32Array(SampleLog.#segmentLength));
    this.#used = 0;
  }
}
