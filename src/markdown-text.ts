import { printable } from './printable.ts';

/**
 * A text from elsewhere as a part of Markdown that a bot posts: in one line, and with what would end a cell, begin markup
 * or HTML, lead or load from somewhere, or call people, written so that it is shown and does nothing.
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
