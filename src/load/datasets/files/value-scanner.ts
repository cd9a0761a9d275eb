const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const newline = 0x0a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Longer strings are never keys of interest. */
const longestKey = 256;

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
}

/** Why a scan stopped. */
export type Stop =
  /** The bytes ended inside the value. */
  | 'more'
  /** The value ended; the scanner is just after it. */
  | 'end'
  /** A list starts as a field of the outermost object; the scanner is just after its bracket. */
  | 'list';

/**
 * Finds the end of a JSON value by its quotes and brackets alone, in pieces of any size. Validating the JSON is left to
 * the parser.
 */
export class ValueScanner {
  /** Where the scan continues, in the bytes passed to `scan`. */
  at: number;
  /** Line breaks seen in the value so far. */
  lines = 0;
  /** Where the line of `at` starts, if it starts inside this value. */
  lineStart: number | undefined;
  /** The JSON of the last string directly inside the outermost object; before a list, this is its key. */
  key = '""';
  #depth = 0;
  #stringFrom: number | undefined;

  constructor(at: number) {
    this.at = at;
  }

  /** The first byte that is needed to continue: the start of the current string. */
  get neededFrom(): number {
    return this.#stringFrom ?? this.at;
  }

  /** Adjusts positions after `by` bytes before `at` were dropped. */
  shift(by: number): void {
    this.at -= by;
    if (this.lineStart !== undefined) this.lineStart -= by;
    if (this.#stringFrom !== undefined) this.#stringFrom -= by;
  }

  /** Continues after a list that was read separately. */
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
          // After a number or name in a list, this bracket belongs to the list.
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
