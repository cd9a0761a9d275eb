/** A piece of prose in a file. */
export interface ProseText {
  /** With line breaks as in the file. */
  readonly text: string;
  /** Where it starts in the file, in characters. */
  readonly offset: number;
}

/** Everything that a person reads in a file: prose of Markdown, and comments, strings and page texts of TypeScript. */
export function proseOf(path: string, source: string): readonly ProseText[] {
  if (path.endsWith('.md')) return markdownProse(source);
  const texts = typeScriptProse(source);
  return path.endsWith('.tsx') ? [...texts, ...elementTexts(source)] : texts;
}

/** Markdown without its code, with the rest where it was. */
function markdownProse(source: string): readonly ProseText[] {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  const text = source
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, blank)
    .replace(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length))
    .replace(/\]\([^)\n]*\)/g, blank);
  return [{ text, offset: 0 }];
}

/** A slash after one of these divides or closes an element; after anything else it opens a regular expression. */
const endsExpression = /[\w$)\]}<]$/;
const startsExpression = /\b(?:return|typeof|case|in|of|await|yield|throw|else|do)$/;

/** Comments, strings and templates; of a template only the text around its expressions. */
function typeScriptProse(source: string): readonly ProseText[] {
  const texts: ProseText[] = [];
  /** For every template that is open, how many braces of its current expression are. */
  const braces: number[] = [];
  let at = 0;
  let codeBefore = '';
  const take = (end: number, skip = 0) => {
    texts.push({ text: source.slice(at + skip, end), offset: at + skip });
    at = end;
  };
  const template = (skip: number) => {
    const end = endOfTemplatePart(source, at + skip);
    take(end, skip);
    if (source.startsWith('${', end)) braces.push(0);
    else braces.push(-1);
    at = end + (source[end] === '`' ? 1 : 2);
    if (braces.at(-1) === -1) braces.pop();
    codeBefore = source[end] === '`' ? 'x' : '(';
  };
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const [char = ''] = rest;
    if (rest === '//') take(endOr(source.indexOf('\n', at), source), 2);
    else if (rest === '/*') {
      take(endOr(source.indexOf('*/', at), source), 2);
      at += 2;
    } else if (char === '/' && (!endsExpression.test(codeBefore) || startsExpression.test(codeBefore))) {
      at = endOfRegExp(source, at + 1);
      codeBefore = 'x';
    } else if (isQuote(source, at)) {
      take(endOfString(source, at + 1), 1);
      at += 1;
      codeBefore = 'x';
    } else if (char === '`') template(1);
    else if (char === '}' && braces.at(-1) === 0) {
      braces.pop();
      template(1);
    } else {
      const depth = braces.at(-1);
      if (depth !== undefined && char === '{') braces[braces.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') braces[braces.length - 1] = depth - 1;
      if (/\S/.test(char)) codeBefore = `${codeBefore.slice(-10)}${char}`;
      else if (/\w$/.test(codeBefore)) codeBefore = `${codeBefore.slice(-10)}`;
      at += 1;
    }
  }
  return texts;
}

const endOr = (index: number, source: string) => (index === -1 ? source.length : index);

/** A quote after a letter is the apostrophe of a page text. */
function isQuote(source: string, at: number): boolean {
  return source[at] === '"' || (source[at] === "'" && !/\w/.test(source[at - 1] ?? ''));
}

/** A quote without a second one in its line belongs to a page text. */
function endOfString(source: string, from: number): number {
  const quote = source[from - 1];
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at;
    else if (source[at] === '\n') return from;
  }
  return source.length;
}

function endOfTemplatePart(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`' || source.startsWith('${', at)) return at;
  }
  return source.length;
}

function endOfRegExp(source: string, from: number): number {
  let inClass = false;
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '\n') return from;
    else if (char === '/' && !inClass) return at + 1;
  }
  return source.length;
}

/** Text between tags. */
function elementTexts(source: string): readonly ProseText[] {
  return [...source.matchAll(/(?<=[\w"'}/]>)[^<>{}=;()]*[a-z][^<>{}=;]*(?=<|\{)/g)].map(
    ({ 0: text, index }) => ({
      text,
      offset: index,
    }),
  );
}
