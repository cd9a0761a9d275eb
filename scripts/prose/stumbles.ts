import { proseRules } from './rules.ts';
import { proseOf } from './texts.ts';

/** One place that breaks a rule. */
export interface Stumble {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  readonly phrase: string;
  readonly instead: string;
}

/** Every place of a file that breaks a rule, in order. */
export function stumblesIn(path: string, source: string): readonly Stumble[] {
  const found = proseOf(path, source).flatMap(({ text, offset }) => {
    const flat = inOneLine(text);
    return proseRules.flatMap(({ pattern, instead }) =>
      [...flat.matchAll(across(pattern))].map((match) => ({
        at: offset + match.index,
        phrase: match[0].replace(gaps, ' '),
        instead,
      })),
    );
  });
  return found
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, phrase, instead }) => ({ ...placeOf(source, at), phrase, instead }));
}

const gaps = /[ \0]+/g;

/** The rule's pattern with a gap of any length for each space. */
const across = (pattern: RegExp) => new RegExp(pattern.source.replaceAll(' ', '[ \\0]+'), 'gi');

/** Of the same length, so that places stay; a line break within a comment or paragraph is a space. */
function inOneLine(text: string): string {
  return text.replace(/\n[ \t]*(?:\*|\/\/|>)?[ \t]?/g, (gap) => ' '.padEnd(gap.length, '\0'));
}

function placeOf(source: string, at: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
