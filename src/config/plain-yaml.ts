import { CORE_SCHEMA, load } from 'js-yaml';

/**
 * Syntax that the two parsers read differently, or that needs a limit: anchors, aliases, tags and directives; merge and
 * explicit keys; block scalars; tabs and byte order marks; several documents; null, also for a missing key; numbers with
 * underscores, and numbers too large for a double.
 */
const needsCare =
  /[&*!%?|>~\t\ufeff]|<<|\bnull\b|^ *(?:---|\.\.\.)|(?:^|[^\S\n]|[[{,:-])(?::(?:[^\S\n]|[,\]}]|$)|[-+]?\.?\d[\d.]*(?:_\d|e\+?\d{3}))/gim;

/**
 * Parses plain YAML. Returns undefined for anything else, even valid YAML, so that all messages come from the parser that
 * knows positions.
 *
 * The second parser is faster: a full sweep of the public masters of January takes 0.21 s of CPU time with it
 * and 0.33 s without, and reading those of August takes 0.13 s instead of 0.67 s (performance/NOTES.md). It gets only
 * text that both read alike; the test of this file compares them on texts of all kinds. Comment lines are ignored: in the
 * public masters of August, only they contain such syntax.
 */
export function plainYaml(text: string): unknown {
  // A lone carriage return is a line break for YAML, but not for `split`.
  if (/\r(?!\n)/.test(text)) return undefined;
  for (const { index } of text.matchAll(needsCare)) if (!isInComment(text, index)) return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch {
    return undefined;
  }
}

/** Whether the line at that character consists of a comment only. */
function isInComment(text: string, index: number): boolean {
  const line = text.lastIndexOf('\n', index - 1) + 1;
  return /^ *#/.test(text.slice(line, index + 1));
}

/** Scalars that YAML 1.1 reads as booleans, octal numbers, base-60 numbers or dates. */
const olderScalar =
  /(?:^|[\s[{,])(?:yes|no|on|off|[-+]?0o?[0-7_]+|[-+]?[1-9]\d*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?)(?=\s*(?:$|[,}\]#]))/gim;

/** Whether plain text may have another meaning in YAML 1.1. */
export function meansOtherInOlderYaml(text: string): boolean {
  for (const { index } of text.matchAll(olderScalar)) if (!isInComment(text, index)) return true;
  return false;
}
