import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bestCoding, EncodedBody } from './encoding.ts';

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['*', 'br'],
  ['*;q=0', 'identity'],
  ['gzip;q=0, br;q=0', 'identity'],
  ['gzip;q=rubbish', 'identity'],
  ['', 'identity'],
  [undefined, 'identity'],
])('a client that accepts %s gets %s', (header, coding) => {
  expect(bestCoding(header)).toBe(coding);
});

test('every encoding has the same content, and short bodies are not compressed', async () => {
  const body = new EncodedBody('answer '.repeat(1000));
  const [br, gzip] = [await body.as('br'), await body.as('gzip')];
  expect(brotliDecompressSync(br.bytes).equals(Buffer.from(body.plain))).toBe(true);
  expect(gunzipSync(gzip.bytes).equals(Buffer.from(body.plain))).toBe(true);
  expect(br.bytes.length).toBeLessThan(body.plain.length / 10);
  expect(await new EncodedBody('short').as('br')).toMatchObject({ coding: 'identity' });
});
