import { describe, type FilePlace, wrongFile } from './problem.ts';
import { type DatasetFile, mostRecordBytes, textOf, tooLong } from './text-file.ts';
import { isBlank, ValueScanner } from './value-scanner.ts';

/** One row of a data set: a line of JSON lines, or an element of a list. */
export interface FileRecord {
  readonly value: unknown;
  /** The line on which it starts, from 1, counting blank lines. */
  readonly line: number;
  /** The row's number, from 1. */
  readonly row: number;
}

export interface RecordRules {
  /**
   * Whether the first element of a list under `key` in an object is a row, in which case the object only wraps the
   * rows. Otherwise the list is part of a row, such as the turns of a conversation.
   */
  isRow(element: unknown, key: string): boolean;
  /** Whole numbers beyond 2^53, which lose digits as numbers, become bigints. */
  readonly exactIntegers?: true;
}

/**
 * Reads the rows of a JSON file one after another, in memory limited by the longest row. The file may be JSON lines, a
 * list, an object that wraps a list, or successive values. Throws LoadError `bad-test` with the line of the error.
 */
export async function* recordsOf(file: DatasetFile, rules: RecordRules): AsyncGenerator<FileRecord> {
  const cutter = new RecordCutter(file.file, rules);
  for await (const chunk of file.chunks()) yield* cutter.push(chunk);
  yield* cutter.end();
}

const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** How much of a file is quoted if it is not JSON. */
const shownBytes = 200;

type Mode =
  /** Only white space was seen. */
  | 'start'
  /** One row per line. */
  | 'lines'
  /** Successive objects of several lines each, or an object that wraps lists. */
  | 'objects'
  /** The elements of a list. */
  | 'list'
  /** All rows of the outermost list were read. */
  | 'over';

class RecordCutter {
  readonly #file: string;
  readonly #rules: RecordRules;
  #mode: Mode = 'start';
  /** Bytes that are still needed, starting at the current row. */
  #store = Buffer.allocUnsafe(1 << 21);
  #bytes = this.#store.subarray(0, 0);
  #at = 0;
  /** The line of `#at`, and the offset at which it starts; negative if before the kept bytes. */
  #line = 1;
  #lineStart = 0;
  #rows = 0;
  /** The scanner of the current value. */
  #scanner: ValueScanner | undefined;
  /** The object around a list of rows. */
  #wrapper: ValueScanner | undefined;
  /** The start of the list whose first element is being checked. */
  #listFrom: number | undefined;
  /** In a list: whether a comma must come next, rather than an element. */
  #wantsComma = false;

  constructor(file: string, rules: RecordRules) {
    this.#file = file;
    this.#rules = rules;
  }

  *push(chunk: Uint8Array): Generator<FileRecord> {
    this.#append(chunk);
    yield* this.#cut(false);
    if (this.#bytes.length - this.#at > mostRecordBytes) throw this.#fault() ?? tooLong(this.#place());
  }

  *end(): Generator<FileRecord> {
    yield* this.#cut(true);
    if (this.#mode === 'list')
      throw wrongFile(this.#place(), 'the file ends inside its list: it is truncated');
    if (this.#wrapper !== undefined && this.#mode === 'objects') {
      throw wrongFile(this.#place(), 'the file ends inside its object: it is truncated');
    }
  }

  #append(chunk: Uint8Array): void {
    const kept = this.#bytes.length - this.#at;
    if (kept + chunk.length > this.#store.length) {
      const larger = Buffer.allocUnsafe(2 * (kept + chunk.length));
      this.#bytes.copy(larger, 0, this.#at);
      this.#store = larger;
    } else this.#store.copyWithin(0, this.#at, this.#bytes.length);
    this.#store.set(chunk, kept);
    this.#scanner?.shift(this.#at);
    if (this.#wrapper !== this.#scanner) this.#wrapper?.shift(this.#at);
    if (this.#listFrom !== undefined) this.#listFrom -= this.#at;
    this.#lineStart -= this.#at;
    this.#at = 0;
    this.#bytes = this.#store.subarray(0, kept + chunk.length);
  }

  *#cut(isLast: boolean): Generator<FileRecord> {
    for (;;) {
      const { 0: found, length } = this.#step(isLast);
      if (length === 0) return;
      if (found !== undefined) yield found;
    }
  }

  /**
   * Continues by one step: returns an empty list if more bytes are needed, otherwise a list with the row that was
   * found, or undefined.
   */
  #step(isLast: boolean): readonly (FileRecord | undefined)[] {
    switch (this.#mode) {
      case 'start':
        return this.#start(isLast);
      case 'lines':
        return this.#lineOf(isLast);
      case 'objects':
        return this.#object(isLast);
      case 'list':
        return this.#element(isLast);
      case 'over':
        return this.#nothing();
    }
  }

  #start(isLast: boolean): readonly undefined[] {
    if (!this.#skipBlanks()) return [];
    const first = this.#bytes[this.#at];
    if (first !== openBracket && first !== openBrace && first !== quote) {
      const end = this.#bytes.indexOf(newline, this.#at);
      const isShown = isLast || end !== -1 || this.#bytes.length - this.#at >= shownBytes;
      if (isShown) throw this.#noJson(end === -1 ? this.#bytes.length : end);
      return [];
    }
    if (first === openBracket) this.#at++;
    this.#mode = first === openBracket ? 'list' : first === openBrace ? 'objects' : 'lines';
    return [undefined];
  }

  #noJson(end: number): Error {
    const text = this.#bytes.toString('utf8', this.#at, Math.min(end, this.#at + shownBytes)).trim();
    return wrongFile(
      this.#place(),
      `not JSON: it starts with ${describe(text)}`,
      'expected a JSON object on each line, or a JSON list of them',
    );
  }

  #nothing(): readonly undefined[] {
    if (!this.#skipBlanks()) return [];
    throw wrongFile(
      this.#place(),
      'text after the end of the list',
      'expected one JSON list of rows, or a row on each line',
    );
  }

  #lineOf(isLast: boolean): readonly (FileRecord | undefined)[] {
    const end = this.#bytes.indexOf(newline, this.#at);
    if (end === -1 && !isLast) return [];
    const to = end === -1 ? this.#bytes.length : end;
    // Concatenated files leave byte order marks inside a file.
    if (this.#bytes[this.#at] === 0xef && this.#bytes[this.#at + 1] === 0xbb) this.#at += 3;
    const isEmpty = !this.#bytes.subarray(this.#at, to).some((byte) => !isBlank(byte));
    const found = isEmpty ? undefined : this.#record(this.#at, to, this.#place());
    if (end === -1) {
      this.#at = to;
      return isEmpty ? [] : [found];
    }
    this.#newLine(end + 1);
    return [found];
  }

  /** A value that starts with a brace: a row, or the object around lists of rows. */
  #object(isLast: boolean): readonly (FileRecord | undefined)[] {
    if (this.#scanner === undefined) {
      if (!this.#skipBlanks()) return [];
      if (this.#bytes[this.#at] !== openBrace) {
        throw wrongFile(this.#place(), 'not JSON: expected another object or the end of the file');
      }
      this.#scanner = new ValueScanner(this.#at);
    }
    const scanner = this.#scanner;
    if (this.#listFrom !== undefined) {
      const looked = this.#lookInto(this.#listFrom, isLast);
      if (looked === 'more') return isLast ? this.#cutOff() : [];
      this.#listFrom = undefined;
      if (looked === 'rows') return [undefined];
    }
    const stop = scanner.scan(this.#bytes, true);
    // The wrapping object's other content is not kept.
    if (this.#wrapper !== undefined) this.#passTo(scanner.neededFrom, scanner);
    if (stop === 'more') return isLast && this.#wrapper === undefined ? this.#cutOff() : [];
    if (stop === 'list') {
      this.#listFrom = scanner.at;
      return [undefined];
    }
    this.#scanner = undefined;
    if (this.#wrapper !== undefined) {
      this.#wrapper = undefined;
      this.#mode = 'over';
      return [undefined];
    }
    const found = this.#record(this.#at, scanner.at, this.#place());
    // If the first line is a complete object, the following ones are too.
    if (scanner.lines === 0) this.#mode = 'lines';
    this.#passTo(scanner.at, scanner);
    return [found];
  }

  /** Checks the first element of a list in the outermost object, and enters the list if the element is a row. */
  #lookInto(listFrom: number, isLast: boolean): 'more' | 'rows' | 'no-rows' {
    let from = listFrom;
    while (isBlank(this.#bytes[from] ?? 0x20) && from < this.#bytes.length) from++;
    if (from === this.#bytes.length) return 'more';
    if (this.#bytes[from] === closeBracket) return 'no-rows';
    const element = new ValueScanner(from);
    if (element.scan(this.#bytes, false) === 'more' && !isLast) return 'more';
    let isRow = false;
    try {
      const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, element.at));
      isRow = this.#rules.isRow(value, String(JSON.parse(this.#scanner?.key ?? '""')));
    } catch {
      // It is then read as part of the whole, which reports the position of the error.
    }
    if (!isRow || this.#scanner === undefined) return 'no-rows';
    this.#passTo(listFrom, this.#scanner);
    this.#wrapper = this.#scanner;
    this.#scanner = undefined;
    this.#mode = 'list';
    this.#wantsComma = false;
    return 'rows';
  }

  #element(isLast: boolean): readonly (FileRecord | undefined)[] {
    if (this.#scanner === undefined) {
      if (!this.#skipBlanks()) return [];
      const byte = this.#bytes[this.#at];
      if (byte === closeBracket) return this.#endOfList();
      if (this.#wantsComma) {
        if (byte !== comma)
          throw wrongFile(this.#place(), "not JSON: Expected ',' or ']' after a row of the list");
        this.#at++;
        this.#wantsComma = false;
        return [undefined];
      }
      this.#scanner = new ValueScanner(this.#at);
    }
    const scanner = this.#scanner;
    if (scanner.scan(this.#bytes, false) === 'more') return isLast ? this.#cutOff() : [];
    const found = this.#record(this.#at, scanner.at, this.#place());
    this.#passTo(scanner.at, scanner);
    this.#scanner = undefined;
    this.#wantsComma = true;
    return [found];
  }

  #endOfList(): readonly undefined[] {
    this.#at++;
    if (this.#wrapper === undefined) this.#mode = 'over';
    else {
      this.#wrapper.leaveList(this.#at);
      this.#scanner = this.#wrapper;
      this.#mode = 'objects';
    }
    return [undefined];
  }

  #record(from: number, to: number, place: FilePlace): FileRecord {
    const text = textOf(this.#bytes.subarray(from, to), place);
    this.#rows++;
    return { value: parse(text, place, this.#rules), line: place.line ?? 1, row: this.#rows };
  }

  /** The value that started at `#at` does not end before the file does. */
  #cutOff(): never {
    const message = 'the file ends inside the value that starts here: it is truncated';
    throw this.#fault() ?? wrongFile(this.#place(), message);
  }

  /** The error in the value that started at `#at`, apart from its missing end. */
  #fault(): Error | undefined {
    const text = this.#bytes.toString('utf8', this.#at);
    try {
      JSON.parse(text);
    } catch (error) {
      const { isCut, fault } = notJson(error, text, this.#place());
      if (!isCut) return fault;
    }
    return undefined;
  }

  #place(): FilePlace {
    return { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #newLine(at: number): void {
    this.#at = at;
    this.#line++;
    this.#lineStart = at;
  }

  /** Moves to the position that a scanner has reached. */
  #passTo(at: number, scanner: ValueScanner): void {
    this.#at = at;
    this.#line += scanner.lines;
    if (scanner.lineStart !== undefined) this.#lineStart = scanner.lineStart;
    scanner.lines = 0;
    scanner.lineStart = undefined;
  }

  /** Whether anything but white space is left. */
  #skipBlanks(): boolean {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (!isBlank(byte)) return true;
      if (byte === newline) {
        this.#line++;
        this.#lineStart = this.#at + 1;
      }
    }
    return false;
  }
}

declare global {
  interface JSON {
    /** With the source text of each primitive, as in the current standard. */
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** Numbers are only checked for lost digits if a row has this many digits in sequence. */
const manyDigits = /\d{16}/;

function parse(text: string, place: FilePlace, { exactIntegers }: RecordRules): unknown {
  try {
    if (exactIntegers !== true || !manyDigits.test(text)) {
      const value: unknown = JSON.parse(text);
      return value;
    }
    return JSON.parse(text, (_key, value, { source }) =>
      typeof value === 'number' &&
      !Number.isSafeInteger(value) &&
      source !== undefined &&
      /^-?\d+$/.test(source)
        ? BigInt(source)
        : value,
    );
  } catch (error) {
    throw notJson(error, text, place).fault;
  }
}

/** The parser's error with its position in the file, and whether the text is merely truncated. */
function notJson(error: unknown, text: string, place: FilePlace): { fault: Error; isCut: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/ in JSON at position \d.*$/s, '');
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) {
    const isCut = reason === 'Unexpected end of JSON input';
    return { fault: wrongFile(place, isCut ? 'not JSON: it is truncated' : `not JSON: ${reason}`), isCut };
  }
  const isCut = Number(position) >= text.trimEnd().length;
  // A missing comma belongs after the previous token, not at the start of the next one.
  const at = reason.startsWith("Expected ','")
    ? text.slice(0, Number(position)).trimEnd().length
    : Number(position);
  const before = text.slice(0, at).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const faultPlace = {
    ...place,
    line: (place.line ?? 1) + before.length - 1,
    column: before.length === 1 ? (place.column ?? 1) + column - 1 : column,
  };
  return {
    fault: wrongFile(faultPlace, `not JSON: ${isCut ? `it is truncated: ${reason}` : reason}`),
    isCut,
  };
}
