import { defined } from '../defined/defined.ts';
/** Where a text stops being JSON, and why; half of the engine's own error messages have no position. */
export interface JsonFault {
  readonly offset: number;
  readonly message: string;
  /** The start of the outermost value that is still open at the end. */
  readonly opens?: number;
}

/**
 * The first fault of a text that should hold one JSON value; Python's NaN and Infinity count as values. Undefined for
 * valid JSON.
 */
export function jsonFault(text: string): JsonFault | undefined {
  /** Open brackets, outermost first: `{` or `[`, and their offsets. */
  const open: { readonly bracket: string; readonly offset: number }[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    blank.lastIndex = offset;
    offset += blank.exec(text)?.[0].length ?? 0;
    if (offset === text.length) return endOf(text, open, expected);
    const word = tokenAt(text, offset);
    const next: Expected | undefined =
      word === undefined ? undefined : after(word, expected, open.at(-1)?.bracket);
    if (word === undefined || next === undefined)
      return unexpected(text, offset, expected, open.at(-1)?.bracket);
    if (word === '{' || word === '[') open.push({ bracket: word, offset });
    else if (word === '}' || word === ']') open.pop();
    expected = next === 'comma' && open.length === 0 ? 'end' : next;
    offset += word.length;
  }
}

type Expected = keyof typeof inWords;

const inWords = {
  value: 'a value',
  'value or end': 'a value or ]',
  key: 'a name in double quotes',
  'key or end': 'a name in double quotes or }',
  colon: "':' after the name",
  comma: "',' or the end of the list or object",
  end: 'the end of the file',
} as const;

const blank = /[ \t\r\n]*/y;
const token =
  /[{}[\]:,]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null|NaN|-?Infinity)(?!\w)/y;
const control = /[\p{Cc}--[\u007f-\u009f]]/v;
const escapes = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})?/g;

/** The string, word or punctuation mark at an offset; undefined for anything else, such as a string that is not closed. */
function tokenAt(text: string, offset: number): string | undefined {
  if (text[offset] !== '"') {
    token.lastIndex = offset;
    return token.exec(text)?.[0];
  }
  const end = endOfString(text, offset);
  if (end === undefined) return undefined;
  // A regular expression for all of a string overflows the stack where the string is long.
  const string = text.slice(offset, end);
  if (control.test(string)) return undefined;
  for (const [sequence] of string.matchAll(escapes)) if (sequence === '\\') return undefined;
  return string;
}

/** The offset after the string that opens at an offset; undefined if it is not closed. */
export function endOfString(text: string, opens: number): number | undefined {
  for (let quote = text.indexOf('"', opens + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return undefined;
}

/** What may follow a token that stands where something is expected; undefined for one that may not stand there. */
function after(word: string, expected: Expected, bracket: string | undefined): Expected | undefined {
  const takesKey = expected === 'key' || expected === 'key or end';
  const takesValue = expected === 'value' || expected === 'value or end';
  switch (word) {
    case '{':
      return takesValue ? 'key or end' : undefined;
    case '[':
      return takesValue ? 'value or end' : undefined;
    case '}':
      return bracket === '{' && (expected === 'key or end' || expected === 'comma') ? 'comma' : undefined;
    case ']':
      return bracket === '[' && (expected === 'value or end' || expected === 'comma') ? 'comma' : undefined;
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    case ',':
      return expected === 'comma' ? (bracket === '{' ? 'key' : 'value') : undefined;
    default:
      if (takesKey) return word.startsWith('"') ? 'colon' : undefined;
      return takesValue ? 'comma' : undefined;
  }
}

function endOf(
  text: string,
  open: readonly { readonly bracket: string; readonly offset: number }[],
  expected: Expected,
): JsonFault | undefined {
  if (expected === 'end') return undefined;
  const [outermost] = open;
  return {
    offset: text.trimEnd().length,
    message: 'it ends in the middle of a value: it is truncated, or still being written',
    ...defined({ opens: outermost?.offset }),
  };
}

function unexpected(
  text: string,
  offset: number,
  expected: Expected,
  bracket: string | undefined,
): JsonFault {
  if (text[offset] === '"' && endOfString(text, offset) === undefined) {
    return {
      offset: text.length,
      message: 'it ends in the middle of a string: it is truncated, or still being written',
    };
  }
  const found = /\S{1,20}/.exec(text.slice(offset, offset + 20))?.[0] ?? text.slice(offset, offset + 1);
  const wanted = expected === 'comma' ? `',' or ${bracket === '{' ? '}' : ']'}` : inWords[expected];
  return { offset, message: `expected ${wanted}, found ${JSON.stringify(found)}` };
}
