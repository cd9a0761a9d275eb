import { notYetProvisioned } from '../../../app/plan-report.ts';

/** A command line that a shell reads back as the same words: for reading and pasting, never run by us. */
export function quoted(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quotedWord(value)}`);
  return [...variables, ...words.map(quotedWord)].join(' ');
}

const placeholders = Object.values(notYetProvisioned);

function quotedWord(word: string): string {
  if (placeholders.some((placeholder) => word.includes(placeholder))) return `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
