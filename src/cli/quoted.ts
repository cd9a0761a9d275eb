import { notYetProvisioned } from '../app/plan-report.ts';
import { placeholders } from '../launchers/index.ts';

/** Quotes a command line for a POSIX shell. It is for users to read and paste; the program never runs it. */
export function quoted(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quotedWord(value)}`);
  return [...variables, ...words.map(quotedWord)].join(' ');
}

const variable = new RegExp(
  `(${[...Object.values(notYetProvisioned), placeholders.folder, placeholders.token, placeholders.job]
    .map((name) => name.replace('$', '\\$'))
    .join('|')}|\\$NODE_\\d+)`,
);

/** Words made of these characters need no quotes. */
const plain = /^[\w@%+=:,./-]*$/;

function quotedWord(word: string): string {
  const parts = word.split(variable);
  if (parts.length === 1) return literal(word);
  // Placeholders stay unquoted for the shell to expand; everything else is quoted.
  if (parts.every((part, index) => index % 2 === 1 || plain.test(part))) return `"${word}"`;
  return parts
    .map((part, index) => (index % 2 === 1 ? `"${part}"` : part === '' ? '' : literal(part)))
    .join('');
}

function literal(text: string): string {
  return text !== '' && plain.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
