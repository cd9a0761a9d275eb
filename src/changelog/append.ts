import { stringify } from 'yaml';
import type { z } from 'zod';
import type { newEntrySchema } from './changelog-file.ts';

/** An entry in today's form. */
export type NewEntry = z.infer<typeof newEntrySchema>;

/** The changelog with an entry appended, indented and spaced as its last entry is; nothing before it changes. */
export function appendEntry(content: string, entry: NewEntry): string {
  const before = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  const indent = indentOfItems(content);
  const hasEntries = /^- /m.test(content);
  const blank = hasEntries && !before.endsWith('\n\n') ? '\n' : '';
  const items = (values: readonly string[]) =>
    values.map((value) => `${indent}- ${scalar(value)}\n`).join('');
  return `${before}${blank}- config-keys:\n${items(entry['config-keys'])}  description:\n${items(entry.description)}  pr-link: ${scalar(entry['pr-link'])}\n`;
}

/** How deep the lists inside an entry are indented: as the last such list is, else by four spaces. */
function indentOfItems(content: string): string {
  return [...content.matchAll(/^(?:- | {2})(?:config-keys|description):\n( +)- /gm)].at(-1)?.[1] ?? '    ';
}

function scalar(value: string): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}
