import { InputError, messageOf } from '../errors.ts';
import { endOfString, type JsonFault, jsonFault } from './json-fault.ts';

/**
 * The text of a file that should be JSON: UTF-8 or UTF-16, with or without a byte order mark. Throws InputError that
 * says what the bytes are instead.
 */
export function textOfBytes(file: string, bytes: Uint8Array): string {
  const refuse = (message: string, hint: string): never => {
    throw new InputError([{ code: 'bad-json', file, message, hint }]);
  };
  const container = containers.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
  if (container !== undefined) refuse(`it is ${container.title}, not JSON`, 'unpack it first');
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-32') refuse('it is UTF-32 text', 'save it as UTF-8');
  if (bytes.length > longestText) {
    const mebibytes = (bytes.length / 2 ** 20).toFixed(0);
    refuse(
      `it is ${mebibytes} MiB of text; at most ${longestText / 2 ** 20} MiB can be read`,
      'write it without the detail of every request, or split it into one result per file',
    );
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuse(`it is not ${encoding.toUpperCase()} text`, 'results are JSON, in UTF-8 or UTF-16');
  }
}

/** The longest string in V8 has 2^29 - 24 characters. */
export const longestText = 2 ** 29 - 2 ** 20;

const containers = [
  { title: 'a gzip file', magic: [0x1f, 0x8b] },
  { title: 'a zip file', magic: [0x50, 0x4b, 0x03, 0x04] },
  { title: 'a zstd file', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { title: 'an xz file', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { title: 'a bzip2 file', magic: [0x42, 0x5a, 0x68] },
  { title: 'a Parquet file', magic: [0x50, 0x41, 0x52, 0x31] },
] as const;

/** Detects the encoding from the byte order mark, or from the zero bytes of the first two characters, which are ASCII in JSON. */
function encodingOf([a, b, c, d]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32' {
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0) return 'utf-32';
  if (a === 0 && b !== undefined) return 'utf-16be';
  if (b === 0) return c === 0 && d === 0 ? 'utf-32' : 'utf-16le';
  return 'utf-8';
}

/** A JSON value in a text of several, and where it begins. */
export interface JsonValue {
  readonly value: unknown;
  /** 1-based. */
  readonly line: number;
}

/**
 * The JSON values of a text: one, or several after each other as in JSON lines; each may span several lines.
 * Python's numbers that JSON lacks are accepted, too: Infinity as such, NaN as the string `NaN`; in strings
 * they are text. Throws InputError with the line and column of the first invalid JSON.
 */
export function jsonValues(file: string, text: string): JsonValue[] {
  if (text.trim() === '') {
    throw new InputError([
      {
        code: 'bad-json',
        file,
        message: 'not JSON: it is empty',
        hint: 'was the test stopped before it wrote?',
      },
    ]);
  }
  try {
    return [{ value: JSON.parse(text), line: 1 }];
  } catch {
    const spans = valuesIn(text);
    const place = (offset: number) => placeOf(text, offset);
    return spans.map(({ start, end }) => {
      const value = parseSpan(text.slice(start, end), ({ offset, message, opens }) => {
        const cut = opens === undefined ? '' : `; the value opens on line ${place(start + opens).line}`;
        throw new InputError(
          [{ file, ...place(start + offset), message: `not JSON: ${message}${cut}` }],
          undefined,
          { code: 'bad-json' },
        );
      });
      return { value, line: place(start).line };
    });
  }
}

/** The one JSON value of a text; see `jsonValues`. */
export function jsonValue(file: string, text: string): unknown {
  const [first, second] = jsonValues(file, text);
  if (second !== undefined) {
    throw new InputError([
      { code: 'bad-json', file, line: second.line, message: 'not JSON: a second value follows the first' },
    ]);
  }
  return first?.value;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The start and end of each top-level value; an unclosed or invalid one extends to the end. */
function valuesIn(text: string): Span[] {
  const spans: Span[] = [];
  const bracket = /["{}[\]]/g;
  let start = nextWord(text, 0);
  let depth = 0;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    // Text before the first bracket belongs to no value; the parser reports it.
    if (depth === 0 && found.index !== start) break;
    if (found[0] === '"') {
      bracket.lastIndex = endOfString(text, found.index) ?? text.length;
      if (depth === 0) break;
      continue;
    }
    depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth < 0) break;
    if (depth > 0) continue;
    spans.push({ start, end: found.index + 1 });
    start = nextWord(text, found.index + 1);
    bracket.lastIndex = start;
  }
  if (start < text.length) spans.push({ start, end: text.length });
  return spans;
}

/** The next character that is not white space. */
function nextWord(text: string, from: number): number {
  const word = /\S/g;
  word.lastIndex = from;
  return word.exec(text)?.index ?? text.length;
}

type OnFault = (fault: JsonFault) => never;

function parseSpan(span: string, fail: OnFault): unknown {
  try {
    return JSON.parse(withoutPythonNumbers(span));
  } catch (error) {
    return fail(jsonFault(span) ?? { offset: 0, message: messageOf(error) });
  }
}

/** Replaces Python's numbers outside of strings with valid JSON. */
function withoutPythonNumbers(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const quote = text.indexOf('"', from);
    const outside = text.slice(from, quote === -1 ? text.length : quote);
    parts.push(
      outside.replaceAll(pythonNumber, (word) =>
        word === 'NaN' ? '"NaN"' : word.replace('Infinity', '1e999'),
      ),
    );
    if (quote === -1) break;
    from = endOfString(text, quote) ?? text.length;
    parts.push(text.slice(quote, from));
  }
  return parts.join('');
}

const pythonNumber = /(?<![\w.+-])(?:NaN|-?Infinity)(?![\w.+-])/g;

interface Place {
  readonly line: number;
  readonly column: number;
}

function placeOf(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
