const quote = 34;
const backslash = 92;

/**
 * The bytes of a plain token event around its text. An event whose bytes before and after its JSON string match those
 * of a parsed event has the same meaning, whatever its text, so it need not be parsed.
 */
export class EventTemplate {
  readonly #keys: RegExp | undefined;
  #bytes = Buffer.alloc(0);
  /** The same bytes, for comparing eight at a time. */
  #words = viewOf(this.#bytes);
  /** Number of bytes up to and including the quote that opens the text; 0 if nothing is learned. */
  #before = 0;
  /** Number of bytes from the quote that closes the text to the end of the event. */
  #after = 0;
  #viewed: Buffer | undefined;
  #view = this.#words;

  constructor(textKeys: readonly string[]) {
    if (textKeys.length > 0) this.#keys = patternOf(textKeys);
  }

  forget(): void {
    this.#before = 0;
  }

  /** Learns `buffer[start, end)`, an event that was parsed and found plain, as the pattern for later ones. */
  learn(buffer: Buffer, start: number, end: number): void {
    this.#before = 0;
    const keys = this.#keys;
    if (keys === undefined) return;
    const text = buffer.toString('latin1', start, end);
    let opening = -1;
    keys.lastIndex = 0;
    for (let match = keys.exec(text); match !== null; match = keys.exec(text)) {
      const at = match.index + match[0].length;
      if (text.charCodeAt(at) === quote) continue;
      // With two texts in one event, the position does not show which is the token's.
      if (opening !== -1) return;
      opening = at;
    }
    if (opening === -1) return;
    const closing = endOfString(buffer, start + opening, end);
    if (closing === -1) return;
    const after = end - closing;
    if (opening + after > this.#bytes.length) {
      this.#bytes = Buffer.alloc(2 * (opening + after));
      this.#words = viewOf(this.#bytes);
    }
    buffer.copy(this.#bytes, 0, start, start + opening);
    buffer.copy(this.#bytes, opening, closing, end);
    this.#before = opening;
    this.#after = after;
  }

  /** Returns where the event at `start` ends if it matches the pattern, has text and is complete; otherwise -1. */
  match(buffer: Buffer, start: number, end: number): number {
    const before = this.#before;
    const after = this.#after;
    if (before === 0 || end - start <= before + after) return -1;
    if (buffer !== this.#viewed) {
      this.#viewed = buffer;
      this.#view = viewOf(buffer);
    }
    if (!this.#equals(start, 0, before)) return -1;
    const opening = start + before;
    const closing = endOfString(buffer, opening, end);
    if (closing <= opening || end - closing < after) return -1;
    return this.#equals(closing, before, after) ? closing + after : -1;
  }

  /** Whether `length` bytes at `at` in the viewed buffer equal those of the pattern at `from`. */
  #equals(at: number, from: number, length: number): boolean {
    const view = this.#view;
    const words = this.#words;
    let index = 0;
    // Compares doubles. Text bytes never form a zero, which has two representations, and NaN never equals itself, so an
    // event with NaN bytes is parsed.
    for (; index + 8 <= length; index += 8) {
      if (view.getFloat64(at + index, true) !== words.getFloat64(from + index, true)) return false;
    }
    for (; index < length; index++) {
      if (view.getUint8(at + index) !== words.getUint8(from + index)) return false;
    }
    return true;
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Shared by thousands of streams that look for the same keys. */
const patterns = new Map<string, RegExp>();

function patternOf(textKeys: readonly string[]): RegExp {
  const names = textKeys.join('|');
  const pattern = patterns.get(names) ?? new RegExp(`"(?:${names})"[ ]?:[ ]?"`, 'g');
  patterns.set(names, pattern);
  return pattern;
}

/** The offset of the quote that closes the JSON string whose content starts at `start`, or -1. */
function endOfString(buffer: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = buffer[at];
    if (byte === quote) return at;
    if (byte === backslash) at++;
    else if (byte === 10) return -1;
  }
  return -1;
}
