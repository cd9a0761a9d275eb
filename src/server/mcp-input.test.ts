import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MessageLines } from './mcp-input.ts';

test.each([1, 3, 7, 1000])('drops lines that are too long, in chunks of %s bytes', async (size) => {
  const sent = Buffer.from(`12345\n${'x'.repeat(50)}\n1234\n123456\n1\nnot ended`);
  const chunks = Array.from({ length: Math.ceil(sent.length / size) }, (_, at) =>
    sent.subarray(at * size, (at + 1) * size),
  );
  const tooLong: number[] = [];
  const lines = Readable.from(chunks).pipe(new MessageLines((maxBytes) => tooLong.push(maxBytes), 6));
  // The unterminated end of the input is not a message, whatever its length.
  expect(await text(lines)).toBe('12345\n1234\n1\n');
  expect(tooLong).toEqual([6, 6, 6]);
});
