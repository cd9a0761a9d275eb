import { expect, test } from 'vitest';
import { printable, printableLines } from './printable.ts';

test('control characters in foreign names do not reach a terminal', () => {
  expect(printable('a\u001b[31m\u009b2J\nb\u202ecod.exe')).toBe('a\\x1b[31m\\x9b2J\\x0ab\\u202ecod.exe');
  expect(printable('résumé-データ/agg.json')).toBe('résumé-データ/agg.json');
  expect(printableLines('one\u001bc\r\n\ttwo')).toBe('one\\x1bc\n\ttwo');
});
