/** A turn of phrase that a reader of technical English stumbles over, and what to write for it. */
export interface ProseRule {
  /** Tried without regard to case on text whose line breaks are spaces. */
  readonly pattern: RegExp;
  /** What to write in its place. */
  readonly instead: string;
}

export const proseRules: readonly ProseRule[] = [
  { pattern: /\bso (?:long|often|many)\b(?! (?:that|as)\b)/, instead: 'say how long, how often or how many' },
  {
    pattern: /(?<!\bthere )\b(?:is|are|was|were|be) none\b(?! of\b)/,
    instead: 'say that it is missing, invalid or empty',
  },
  {
    pattern:
      /(?<!\bthere )(?<!\bhere )\b(?:is|are|was|were) no (?!longer|more|less|better|worse|one|different)[a-z]/,
    instead: 'write "is not a …"',
  },
  { pattern: /\bwhere there (?:is|are|was|were)\b/, instead: 'write "if there is"' },
  {
    pattern: /\bwhat (?:nothing|nobody|no one)\b/,
    instead: 'name the thing: "metrics without measurements"',
  },
  { pattern: /\btold\b/, instead: 'write "reported", "printed" or "given"' },
  { pattern: /\bwhoever\b/, instead: 'name who it is: "the process", "the caller"' },
  { pattern: /\b(?:somebody|nobody)\b/, instead: 'write "someone" or "no one", or name who it is' },
  { pattern: /\bfor want of\b/, instead: 'write "because there is no"' },
  { pattern: /\bof (?:its|their) own\b/, instead: 'leave it out, or write "its own …"' },
  { pattern: /\bin vain\b/, instead: 'write "without success"' },
  { pattern: /\bat most(?=[.,;:)]|$)/, instead: 'put "at most" before the number' },
  { pattern: /\bat least(?=[.,;:)]|$)/, instead: 'put "at least" before the number' },
  { pattern: /\b(?:says?|said|tells?|knows?|known) of\b/, instead: 'write "about", or name the figure' },
  { pattern: /\banew\b/, instead: 'write "again"' },
  { pattern: /\b(?:goes|gone|going|go) on with\b/, instead: 'write "continue"' },
  { pattern: /\bbegun\b/, instead: 'write "started"' },
  { pattern: /\bin which (?:it|they) stands?\b/, instead: 'write "in order"' },
  { pattern: /\b(?:lie|lies|stand|stands) beside\b/, instead: 'write "is next to"' },
  { pattern: /\bword by word\b/, instead: 'write "exactly"' },
  { pattern: /\bas far as there (?:is|are)\b/, instead: 'write "up to"' },
  { pattern: /\bnow and then\b/, instead: 'say how often' },
  { pattern: /\bhas to do with\b/, instead: 'name the relation' },
];
