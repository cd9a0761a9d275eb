import { printable } from './printable.ts';

/**
 * Escapes text from elsewhere for Markdown that a bot posts: one line, and nothing in it ends a table cell, starts
 * markup or HTML, makes a link, loads an image, or mentions people.
 */
export function markdownText(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[|`[\]]/g, '\\$&')
    .replaceAll('://', ':&#47;&#47;')
    .replaceAll(/(?<!\w)@(?=\w)/g, '&#64;')
    .replaceAll(/^(\s*)(#|[-+*](?=\s))/g, '$1\\$2')
    .replaceAll(/^(\s*\d+)([.)])(?=\s|$)/g, '$1\\$2');
}
