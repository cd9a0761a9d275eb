import { Transform, type TransformCallback } from 'node:stream';

/** Questions are short; the protocol's own reader ends at this without an answer. */
const longestMessage = 10 * 1024 * 1024;

/**
 * The lines of a stream, each a message, without those that are longer than any question; `onTooLong` is called for each
 * of these as soon as it is too long, and the lines after it are read again.
 */
export class MessageLines extends Transform {
  readonly #maxBytes: number;
  readonly #onTooLong: (maxBytes: number) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(onTooLong: (maxBytes: number) => void, maxBytes: number = longestMessage) {
    super();
    this.#onTooLong = onTooLong;
    this.#maxBytes = maxBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      this.#add(chunk.subarray(from, end + 1));
      if (this.#bytes <= this.#maxBytes) this.push(Buffer.concat(this.#parts));
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
    done();
  }

  #add(part: Buffer): void {
    const before = this.#bytes;
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) this.#parts.push(part);
    else if (before <= this.#maxBytes) {
      this.#parts = [];
      this.#onTooLong(this.#maxBytes);
    }
  }
}
