import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextStream } from './text-stream.ts';

/** A tokenizer whose tokens are single bytes, the hardest case for multi-byte characters. */
const bytesToText = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8');

test('whatever the text, its pieces put together are the text, and no piece shows half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(text.isWellFormed() && !text.includes('\uFFFD'));
      const stream = new TextStream(bytesToText);
      const pieces = [...Buffer.from(text, 'utf8')].map((byte) => stream.push(byte));
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) expect(piece).not.toContain('\uFFFD');
    }),
  );
});

test('bytes that are no text at all are given up after four tokens instead of held for ever', () => {
  const stream = new TextStream(bytesToText);
  expect([0xff, 0xff, 0xff].map((byte) => stream.push(byte))).toEqual(['', '', '']);
  expect(stream.push(0xff)).not.toBe('');
  expect(stream.push(0x41)).toBe('A');
});
