import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseImageSizes } from './image-sizes.ts';
import { DrawnImages } from './images.ts';
import { makeDataset } from './kinds.ts';

/** The chunks of a PNG in a data URL, with their checksums verified. */
function chunksOf(url: string): Map<string, Buffer> {
  const [, base64 = ''] = /^data:image\/png;base64,(.+)$/.exec(url) ?? [];
  const png = Buffer.from(base64, 'base64');
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    chunks.set(named.toString('latin1', 0, 4), named.subarray(4));
    at += 12 + length;
  }
  return chunks;
}

describe('drawn images', () => {
  it.each([
    [256, 256],
    [13, 7],
    [1, 1],
  ])('are PNG files of %i × %i pixels', (width, height) => {
    const spec = { least: 2, most: 2, sizes: [{ width, height, share: 1 }] };
    const urls = new DrawnImages(spec, 1).of(0);
    expect(urls).toHaveLength(2);
    for (const url of urls) {
      const chunks = chunksOf(url);
      expect([...chunks.keys()]).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
      expect(chunks.get('IHDR')?.readUInt32BE(0)).toBe(width);
      expect(chunks.get('IHDR')?.readUInt32BE(4)).toBe(height);
      expect(chunks.get('PLTE')).toHaveLength(3 * 256);
      const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
      expect(rows).toHaveLength(height * (width + 1));
      for (let y = 0; y < height; y++) expect(rows[y * (width + 1)]).toBe(0);
    }
  });

  it('differ from each other, and are the same for the same seed', () => {
    const spec = { least: 3, most: 3, sizes: [{ width: 16, height: 16, share: 1 }] };
    const drawn = (seed: number) => [0, 1, 2].flatMap((index) => new DrawnImages(spec, seed).of(index));
    expect(new Set(drawn(1)).size).toBe(9);
    expect(drawn(1)).toEqual(drawn(1));
    expect(new Set([...drawn(1), ...drawn(2)]).size).toBe(18);
  });

  it('have the sizes and numbers of their shares', () => {
    const sizes = parseImageSizes('8x8:0.75,16x8:0.25');
    const images = new DrawnImages({ least: 0, most: 2, sizes }, 3);
    const all = Array.from({ length: 600 }, (_, index) => images.of(index));
    expect(new Set(all.map(({ length }) => length))).toEqual(new Set([0, 1, 2]));
    const widths = all.flat().map((url) => chunksOf(url).get('IHDR')?.readUInt32BE(0));
    const wide = widths.filter((width) => width === 16).length / widths.length;
    expect(wide).toBeGreaterThan(0.2);
    expect(wide).toBeLessThan(0.3);
  });
});

describe('sizes of images', () => {
  it.each<[string, object[]]>([
    ['512x256', [{ width: 512, height: 256, share: 1 }]],
    [
      '1x2:0.5, 3x4:1.5',
      [
        { width: 1, height: 2, share: 0.5 },
        { width: 3, height: 4, share: 1.5 },
      ],
    ],
    ['{(256, 512, 1): 0.5, (720, 1280, 16): 0.0}', [{ width: 512, height: 256, share: 0.5 }]],
  ])('%s', (text, expected) => {
    expect(parseImageSizes(text)).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['', /it is not a size/],
    ['512', /it is not a size/],
    ['0x8', /a side must be 1 to 16384 pixels, not 0x8/],
    ['8x99999', /not 8x99999/],
    ['8x8:0', /all shares are 0/],
    ['{(8, 8, 2): 1}', /videos are not supported/],
    ['{(8, 8): 1}', /\(88\):1 is not a size/],
    ['{}', /it has no size/],
  ])('%s is refused', (text, words) => {
    expect(() => parseImageSizes(text)).toThrow(words);
  });
});

it('a rerank data set refuses a query that leaves no room for documents', async () => {
  const options = { randomInputLen: 10, randomQueryLen: 10 };
  await expect(makeDataset('random-rerank', options)).rejects.toThrow(
    'a query of 10 tokens leaves no document in 10',
  );
});
