/** A replacement of a part of a text. */
export interface TextEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function insertion(at: number, text: string): TextEdit {
  return { from: at, to: at, text };
}

/** Applies replacements that do not overlap; several at one position are applied in order. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const inOrder = edits.toSorted((a, b) => a.from - b.from);
  let at = 0;
  let result = '';
  for (const { from, to, text: put } of inOrder) {
    result += text.slice(at, from) + put;
    at = to;
  }
  return result + text.slice(at);
}

/** A line of a text: its offset and its content. */
export interface TextLine {
  readonly start: number;
  readonly content: string;
}

export function linesOf(text: string): TextLine[] {
  let start = 0;
  return text.split('\n').map((content) => {
    const line = { start, content };
    start += content.length + 1;
    return line;
  });
}

/** The indentation of a line; undefined if it is blank. */
export function indentOf({ content }: TextLine): number | undefined {
  const at = content.search(/\S/);
  return at < 0 ? undefined : at;
}

export function isComment({ content }: TextLine): boolean {
  return /^\s*#/.test(content);
}

/** Indents a line further, unless it is blank. */
export function indented(line: TextLine, by: number): TextEdit[] {
  return indentOf(line) === undefined ? [] : [insertion(line.start, ' '.repeat(by))];
}
