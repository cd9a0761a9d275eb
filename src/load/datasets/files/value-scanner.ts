const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const newline = 0x0a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Longer texts are no keys that anybody looks for. */
const longestKey = 256;

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
}

/** Why a scan stopped. */
export type Stop =
  /** The bytes are used up inside the value. */
  | 'more'
  /** The value is over; the scanner stands behind it. */
  | 'end'
  /** A list begins as a field of the outermost object; the scanner stands behind its bracket. */
  | 'list';

/**
 * Finds where a JSON value ends by its quotes and brackets alone, in as many pieces as it comes in. Whether it is good
 * JSON is for the parser to say.
 */
export class ValueScanner {
  /** Where the scan goes on, in the bytes given to `scan`. */
  at: number;
  /** Line breaks seen in the value so far. */
  lines = 0;
  /** Where the line of `at` begins, if it began in this value. */
  lineStart: number | undefined;
  /** Of the outermost object: the JSON of the last text directly in it, which before a list is its key. */
  key = '""';
  #depth = 0;
  #stringFrom: number | undefined;

  constructor(at: number) {
    this.at = at;
  }

  /** From where on the bytes are needed to go on: the text that is being scanned. */
  get neededFrom(): number {
    return this.#stringFrom ?? this.at;
  }

  /** So many bytes before `at` were dropped. */
  shift(by: number): void {
    this.at -= by;
    if (this.lineStart !== undefined) this.lineStart -= by;
    if (this.#stringFrom !== undefined) this.#stringFrom -= by;
  }

  /** Goes on behind a list that was read by itself. */
  leaveList(at: number): void {
    this.at = at;
    this.#depth = 1;
  }

  scan(bytes: Buffer, stopsAtLists: boolean): Stop {
    while (this.at < bytes.length) {
      if (this.#stringFrom !== undefined) {
        if (!this.#skipString(bytes, this.#stringFrom)) return 'more';
        if (this.#depth === 0 && this.#stringFrom === undefined) return 'end';
        continue;
      }
      const byte = bytes[this.at];
      switch (byte) {
        case quote:
          this.#stringFrom = this.at;
          this.at++;
          break;
        case openBracket:
        case openBrace:
          this.at++;
          this.#depth++;
          if (stopsAtLists && this.#depth === 2 && byte === openBracket) return 'list';
          break;
        case closeBracket:
        case closeBrace:
          // Of a number or a name in a list, the list's own.
          if (this.#depth === 0) return 'end';
          this.at++;
          this.#depth--;
          if (this.#depth === 0) return 'end';
          break;
        case comma:
          if (this.#depth === 0) return 'end';
          this.at++;
          break;
        case newline:
          if (this.#depth === 0) return 'end';
          this.at++;
          this.lines++;
          this.lineStart = this.at;
          break;
        default:
          this.at++;
      }
    }
    return 'more';
  }

  #skipString(bytes: Buffer, from: number): boolean {
    const end = bytes.indexOf(quote, this.at);
    if (end === -1) {
      this.at = bytes.length;
      return false;
    }
    this.at = end + 1;
    let slash = end - 1;
    while (slash > from && bytes[slash] === backslash) slash--;
    const isEscaped = (end - 1 - slash) % 2 === 1;
    if (isEscaped) return true;
    if (this.#depth === 1 && this.at - from <= longestKey) this.key = bytes.toString('utf8', from, this.at);
    this.#stringFrom = undefined;
    return true;
  }
}
