import { BrokenReply } from '../reply/broken-reply.ts';

/** Takes what a body of JSON holds. */
export interface JsonHandler {
  /** A line that is JSON by itself. */
  onJsonLine(line: string, atMs: number): void;
}

const maximumCharacters = 32 * 1024 * 1024;

/**
 * Reads a body that is JSON: lines of it that come one by one (NDJSON), or a single text, perhaps spread over lines.
 * Which of the two it is shows in the first line: if that is not whole, all of the body is one text.
 */
export class JsonBody {
  #decoder = new TextDecoder();
  #text = '';
  #searched = 0;
  #isOneText = false;
  /** Lines that were JSON by themselves. */
  lines = 0;

  /** Throws BrokenReply for a text that grows past what any engine sends. */
  push(buffer: Buffer, start: number, end: number, atMs: number, handler: JsonHandler): void {
    this.#text += this.#decoder.decode(buffer.subarray(start, end), { stream: true });
    if (this.#text.length > maximumCharacters) {
      throw new BrokenReply(
        'oversized-event',
        `a text of JSON is larger than ${maximumCharacters / 2 ** 20} MiB`,
      );
    }
    if (this.#isOneText) return;
    let from = 0;
    for (;;) {
      const stop = this.#text.indexOf('\n', Math.max(from, this.#searched));
      if (stop === -1) break;
      const line = this.#text.slice(from, stop).trim();
      if (this.lines === 0 && line !== '' && !isJson(line)) {
        this.#isOneText = true;
        return;
      }
      from = stop + 1;
      this.#searched = from;
      if (line === '') continue;
      this.lines++;
      handler.onJsonLine(line, atMs);
    }
    this.#text = this.#text.slice(from);
    this.#searched = this.#text.length;
  }

  /** The body is whole: what is left of it is a line without its end, or all of it. */
  end(atMs: number, handler: JsonHandler): void {
    const rest = this.#text.trim();
    this.#text = '';
    if (rest === '') return;
    this.lines++;
    handler.onJsonLine(rest, atMs);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
