/** A text in place of a part of another. */
export interface TextEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function insertion(at: number, text: string): TextEdit {
  return { from: at, to: at, text };
}

/** A text with parts of it replaced, which do not overlap; of several at one place the first comes first. */
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

/** A line of a text: where it begins, and what is in it. */
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

/** How far a line is indented; undefined for one that is blank. */
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
