import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextStream } from './text-stream.ts';

/** A tokenizer whose tokens are single bytes, the hardest case for multi-byte characters. */
const bytesToText = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8');

test('for any text, the joined pieces are the text, and no piece contains part of a character', () => {
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

test('bytes that are not valid text are emitted after four tokens instead of held forever', () => {
  const stream = new TextStream(bytesToText);
  expect([0xff, 0xff, 0xff].map((byte) => stream.push(byte))).toEqual(['', '', '']);
  expect(stream.push(0xff)).not.toBe('');
  expect(stream.push(0x41)).toBe('A');
});
