import { stringify } from 'yaml';
import type { z } from 'zod';
import type { newEntrySchema } from './changelog-file.ts';

/** An entry in the current form. */
export type NewEntry = z.infer<typeof newEntrySchema>;

/** Appends an entry to a changelog, with the indentation and spacing of its last entry; the rest does not change. */
export function appendEntry(content: string, entry: NewEntry): string {
  const before = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  const indent = indentOfItems(content);
  const hasEntries = /^- /m.test(content);
  const blank = hasEntries && !before.endsWith('\n\n') ? '\n' : '';
  const items = (values: readonly string[]) =>
    values.map((value) => `${indent}- ${scalar(value)}\n`).join('');
  return `${before}${blank}- config-keys:\n${items(entry['config-keys'])}  description:\n${items(entry.description)}  pr-link: ${scalar(entry['pr-link'])}\n`;
}

/** The indentation of lists in an entry: that of the last such list, otherwise four spaces. */
function indentOfItems(content: string): string {
  return [...content.matchAll(/^(?:- | {2})(?:config-keys|description):\n( +)- /gm)].at(-1)?.[1] ?? '    ';
}

function scalar(value: string): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}
