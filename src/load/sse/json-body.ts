import { parseBounded } from '../reply/bounded-json.ts';
import { BrokenReply } from '../reply/broken-reply.ts';

/** Receives the JSON texts of a body. */
export interface JsonHandler {
  /** A line that is a complete JSON text. */
  onJsonLine(line: string, atMs: number): void;
}

const maximumCharacters = 32 * 1024 * 1024;
/** No server sends more blank lines. */
const mostBlankLines = 1_000_000;

/**
 * Reads a JSON body: either separate lines (NDJSON) or a single text, perhaps spread over lines. The first line
 * decides: if it is not complete JSON, the whole body is one text.
 */
export class JsonBody {
  #decoder = new TextDecoder();
  /** The unfinished line, or the whole text. It is only appended to, never searched again. */
  #text = '';
  #isOneText = false;
  #blankLines = 0;
  /** Lines that were complete JSON texts. */
  lines = 0;

  /** Throws BrokenReply if a text grows beyond what any engine sends. */
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

  /** The body is complete: the rest of it is an unterminated line, or the whole text. */
  end(atMs: number, handler: JsonHandler): void {
    const rest = this.#text.trim();
    this.#text = '';
    if (rest === '') return;
    this.lines++;
    handler.onJsonLine(rest, atMs);
  }

  /** The rest of a line, with its line ending. */
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
