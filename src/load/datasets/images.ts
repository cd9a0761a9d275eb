import { crc32, deflateSync } from 'node:zlib';
import { Random } from '../random.ts';

/** The images of each request. */
export interface ImagesSpec {
  /** Images per request, both limits inclusive. */
  readonly least: number;
  readonly most: number;
  /** Sizes in pixels with their shares. */
  readonly sizes: readonly ImageSize[];
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly share: number;
}

/** The largest side that PNG readers of servers accept without complaint. */
export const longestSide = 16_384;

/** Squares of one colour, so that a large image stays small enough to send. */
const squarePixels = 8;
const colours = 256;

/**
 * Draws images as data URLs. All images of a size have the same pattern of squares and their own 256 colours: no two
 * are alike, so no cache of a server has one of them, and drawing one copies bytes only.
 */
export class DrawnImages {
  readonly #spec: ImagesSpec;
  readonly #seed: number;
  readonly #patterns = new Map<string, Pattern>();

  constructor(spec: ImagesSpec, seed: number) {
    this.#spec = spec;
    this.#seed = seed;
  }

  /** The images of a request, as data URLs. */
  of(index: number): readonly string[] {
    const random = new Random((this.#seed ^ Math.imul(index + 1, 0x9e3779b9)) >>> 0);
    const { least, most } = this.#spec;
    return Array.from({ length: random.integer(least, most) }, () => this.#draw(random));
  }

  #draw(random: Random): string {
    const size = this.#sizeBy(random.unit());
    const name = `${size.width}x${size.height}`;
    const pattern = this.#patterns.get(name) ?? patternOf(size, new Random(this.#seed));
    this.#patterns.set(name, pattern);
    const palette = Uint8Array.from({ length: 3 * colours }, () => random.integer(0, 255));
    const png = Buffer.concat([pattern.head, chunk('PLTE', palette), pattern.rest]);
    return `data:image/png;base64,${png.toString('base64')}`;
  }

  #sizeBy(unit: number): ImageSize {
    const { sizes } = this.#spec;
    let left = unit * sizes.reduce((sum, { share }) => sum + share, 0);
    const found = sizes.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    const size = found ?? sizes.at(-1);
    if (size === undefined) throw new Error('images without a size cannot be drawn');
    return size;
  }
}

/** What all images of a size have in common. */
interface Pattern {
  /** Up to the colours, and after them. */
  readonly head: Uint8Array;
  readonly rest: Uint8Array;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const bitsPerPixel = 8;
const withPalette = 3;

function patternOf({ width, height }: ImageSize, random: Random): Pattern {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitsPerPixel, withPalette], 8);
  // Each row starts with its filter: none.
  const pixels = new Uint8Array(height * (1 + width));
  for (let top = 0; top < height; top += squarePixels) {
    const start = top * (1 + width);
    const row = pixels.subarray(start, start + 1 + width);
    for (let left = 0; left < width; left += squarePixels)
      row.fill(random.integer(0, colours - 1), 1 + left, 1 + left + squarePixels);
    for (let y = top + 1; y < Math.min(height, top + squarePixels); y++) pixels.set(row, y * (1 + width));
  }
  return {
    head: Buffer.concat([signature, chunk('IHDR', header)]),
    rest: Buffer.concat([chunk('IDAT', deflateSync(pixels)), chunk('IEND', new Uint8Array())]),
  };
}

/** A part of a PNG file: its length, type, content and checksum. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}
