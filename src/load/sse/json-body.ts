import { parseBounded } from '../reply/bounded-json.ts';
import { BrokenReply } from '../reply/broken-reply.ts';

/** Takes what a body of JSON holds. */
export interface JsonHandler {
  /** A line that is JSON by itself. */
  onJsonLine(line: string, atMs: number): void;
}

const maximumCharacters = 32 * 1024 * 1024;
/** No body has more blank lines. */
const mostBlankLines = 1_000_000;

/**
 * Reads a body that is JSON: lines of it that come one by one (NDJSON), or a single text, perhaps spread over lines.
 * Which of the two it is shows in the first line: if that is not whole, all of the body is one text.
 */
export class JsonBody {
  #decoder = new TextDecoder();
  /** The line that has begun, or all of the text. It is only joined, never searched again. */
  #text = '';
  #isOneText = false;
  #blankLines = 0;
  /** Lines that were JSON by themselves. */
  lines = 0;

  /** Throws BrokenReply for a text that grows past what any engine sends. */
  push(buffer: Buffer, start: number, end: number, atMs: number, handler: JsonHandler): void {
    const piece = this.#decoder.decode(buffer.subarray(start, end), { stream: true });
    let from = 0;
    while (!this.#isOneText) {
      const stop = piece.indexOf('\n', from);
      if (stop === -1) break;
      this.#line(piece.slice(from, stop + 1), atMs, handler);
      from = stop + 1;
    }
    this.#append(piece.slice(from));
  }

  /** The body is whole: what is left of it is a line without its end, or all of it. */
  end(atMs: number, handler: JsonHandler): void {
    const rest = this.#text.trim();
    this.#text = '';
    if (rest === '') return;
    this.lines++;
    handler.onJsonLine(rest, atMs);
  }

  /** The rest of a line, with its end. */
  #line(rest: string, atMs: number, handler: JsonHandler): void {
    this.#append(rest);
    const line = this.#text.trim();
    if (line === '') {
      this.#text = '';
      if (++this.#blankLines > mostBlankLines)
        throw new BrokenReply('runaway-reply', `the body has more than ${mostBlankLines} blank lines`);
      return;
    }
    if (this.lines === 0 && parseBounded(line) === undefined) {
      this.#isOneText = true;
      return;
    }
    this.#text = '';
    this.lines++;
    handler.onJsonLine(line, atMs);
  }

  #append(text: string): void {
    if (this.#text.length + text.length > maximumCharacters) {
      throw new BrokenReply(
        'oversized-event',
        `a text of JSON is larger than ${maximumCharacters / 2 ** 20} MiB`,
      );
    }
    this.#text += text;
  }
}
