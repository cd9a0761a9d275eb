import { stringify } from 'yaml';
import type { NewEntry } from './entry.ts';

/** Appends an entry to a changelog, with the indentation and spacing of its last entry; the rest does not change. */
export function appendEntry(content: string, entry: NewEntry): string {
  const before = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  const indent = indentOfItems(content);
  const blank = before === '' || before.endsWith('\n\n') ? '' : '\n';
  const { 'config-keys': keys, description, 'pr-link': link, ...more } = entry;
  const fields = Object.entries({ 'config-keys': keys, ...more, description, 'pr-link': link });
  return `${before}${blank}- ${fields.map(([name, value]) => field(name, value, indent)).join('  ')}`;
}

/** A field; a list has one line for each item. */
function field(name: string, value: unknown, indent: string): string {
  if (!Array.isArray(value)) return `${name}: ${scalar(value)}\n`;
  return `${name}:\n${value.map((one) => `${indent}- ${scalar(one)}\n`).join('')}`;
}

/** How deep the lists inside an entry are indented: as the last such list is, else by four spaces. */
function indentOfItems(content: string): string {
  return [...content.matchAll(/^(?:- | {2})(?:config-keys|description):\n( +)- /gm)].at(-1)?.[1] ?? '    ';
}

function scalar(value: unknown): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}
