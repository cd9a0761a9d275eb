/** Segments double in length, so a log of few numbers is small and one of millions has few segments. */
const [firstSegmentLength, mostSegmentLength] = [1 << 10, 1 << 16];

/** A growing list of numbers in segments of typed memory; appending never copies existing numbers. */
export class SampleLog {
  readonly #segments: Float32Array[] = [];
  /** The last segment, and how much of it is used. */
  #last = new Float32Array();
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#used === this.#last.length) this.#grow();
    this.#last[this.#used++] = value;
    this.#length++;
  }

  pushAll(values: Float32Array): void {
    let from = 0;
    while (from < values.length) {
      if (this.#used === this.#last.length) this.#grow();
      const to = Math.min(values.length, from + this.#last.length - this.#used);
      this.#last.set(values.subarray(from, to), this.#used);
      this.#used += to - from;
      from = to;
    }
    this.#length += values.length;
  }

  /** All samples in order of arrival, as views of the segments. */
  segments(): Float32Array[] {
    return this.#segments.map((segment, index) =>
      index === this.#segments.length - 1 ? segment.subarray(0, this.#used) : segment,
    );
  }

  /** All samples in one array, in order of arrival. */
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
    const length = Math.max(firstSegmentLength, Math.min(mostSegmentLength, 2 * this.#last.length));
    this.#last = new Float32Array(length);
    this.#segments.push(this.#last);
    this.#used = 0;
  }
}
