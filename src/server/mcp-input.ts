import { Transform, type TransformCallback } from 'node:stream';

/**
 * Maximum message size in bytes. Questions are short, and the MCP library's own reader would end at an
 * oversized one without an answer.
 */
const longestMessage = 10 * 1024 * 1024;

/**
 * Splits a stream into lines, one message each, and drops lines that are too long. Calls `onTooLong` as soon
 * as a line is too long; later lines are read normally.
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
