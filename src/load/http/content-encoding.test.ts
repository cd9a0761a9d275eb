import { setImmediate as turn } from 'node:timers/promises';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { contentEncodingOf } from './content-encoding.ts';
import { PackedBody } from './packed-body.ts';

describe('Content-Encoding', () => {
  it.each([undefined, '', 'identity', 'Identity', ' identity , identity', ','])(
    '%j means no encoding',
    (header) => {
      expect(contentEncodingOf(header)).toEqual({ kind: 'plain' });
    },
  );
  it.each([
    ['gzip', 'gzip'],
    ['GZip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, identity', 'gzip'],
    ['identity,deflate', 'deflate'],
  ])('%s is supported', (header, name) => {
    expect(contentEncodingOf(header)).toMatchObject({ kind: 'packed', name });
  });
  it.each([
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['gzip, gzip', 'gzip, gzip'],
    ['deflate, br', 'deflate, br'],
    ['constructor', 'constructor'],
    ['compress', 'compress'],
  ])('%s is unsupported, and named', (header, name) => {
    expect(contentEncodingOf(header)).toEqual({ kind: 'unknown', name });
  });
});

describe('compressed bodies', () => {
  const packers = { gzip: gzipSync, zlib: deflateSync, raw: deflateRawSync };

  async function unpack(encoding: string, packed: Buffer, cuts: readonly number[]): Promise<string> {
    const found = contentEncodingOf(encoding);
    if (found.kind !== 'packed') throw new Error(`${encoding} is not read`);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // The error is awaited at the end.
    promise.catch(() => {});
    let text = '';
    const body = new PackedBody(
      found.unpacker,
      (bytes) => {
        text += bytes.toString('latin1');
      },
      (error) => (error === undefined ? resolve(text) : reject(error)),
    );
    const places = [0, ...cuts.map((cut) => cut % packed.length).sort((a, b) => a - b), packed.length];
    for (const [at, start] of places.entries()) {
      const end = places[at + 1];
      if (end !== undefined && end > start) body.push(packed, start, end, 0);
      await turn();
    }
    body.end();
    return await promise;
  }

  it.each([
    ['gzip', 'gzip'],
    ['deflate', 'zlib'],
    ['deflate', 'raw'],
  ] as const)('%s as %s is decompressed, however it is split', async (encoding, packer) => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary-ascii' }),
        fc.array(fc.nat(), { maxLength: 4 }),
        async (text, cuts) => {
          expect(await unpack(encoding, packers[packer](Buffer.from(text, 'latin1')), cuts)).toBe(text);
        },
      ),
      { numRuns: runs(15) },
    );
  });

  it('that are not compressed are reported', async () => {
    await expect(unpack('deflate', Buffer.from('plain text'), [])).rejects.toThrow();
    await expect(unpack('gzip', Buffer.from('plain text'), [])).rejects.toThrow(/incorrect header/);
  });
});
