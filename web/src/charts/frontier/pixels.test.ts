import { describe, expect, test } from 'vitest';
import { drawOver, type Pixels, type Stamp, stampOf, wordsOf } from './pixels.ts';

const empty = (width: number, height: number): Pixels => ({
  width,
  height,
  data: new Uint8ClampedArray(4 * width * height),
});
const pixel = ({ width, data }: Pixels, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
];
function withPixel(pixels: Pixels, x: number, y: number, colour: readonly number[]): Pixels {
  pixels.data.set(colour, 4 * (y * pixels.width + x));
  return pixels;
}
const red = [255, 0, 0, 255];
const draw = (onto: Pixels, stamp: Stamp, x: number, y: number) =>
  drawOver(onto, wordsOf(onto.data), stamp, x, y);

describe('a small picture drawn over a large one', () => {
  test('is trimmed to its visible pixels, and drawn where they were', () => {
    const stamp = stampOf(withPixel(withPixel(empty(5, 5), 2, 1, red), 3, 3, red));
    expect([stamp.left, stamp.top, stamp.width, stamp.height]).toEqual([2, 1, 2, 3]);
    const picture = empty(10, 10);
    draw(picture, stamp, 4, 5);
    for (let y = 0; y < 10; y++)
      for (let x = 0; x < 10; x++)
        expect(pixel(picture, x, y)[3], `${x} ${y}`).toBe(
          (x === 6 && y === 6) || (x === 7 && y === 8) ? 255 : 0,
        );
  });

  test('covers what is below by its opacity', () => {
    const stamp = stampOf(withPixel(empty(1, 1), 0, 0, red), 0.4);
    const blue = withPixel(empty(1, 1), 0, 0, [0, 0, 255, 255]);
    draw(blue, stamp, 0, 0);
    expect(pixel(blue, 0, 0)).toEqual([102, 0, 153, 255]);
    const clear = empty(1, 1);
    draw(clear, stamp, 0, 0);
    expect(pixel(clear, 0, 0)).toEqual([255, 0, 0, 102]);
    draw(clear, stamp, 0, 0);
    expect(pixel(clear, 0, 0)).toEqual([255, 0, 0, 163]);
  });

  test('is cut off at every edge, and an empty one changes nothing', () => {
    const stamp = stampOf(withPixel(withPixel(empty(3, 3), 0, 0, red), 2, 2, red));
    for (const [x, y] of [
      [-1, -1],
      [-3, 0],
      [3, 3],
      [2, 2],
      [0, -9],
    ] as const) {
      const picture = empty(4, 4);
      draw(picture, stamp, x, y);
      const drawn = [0, 2].flatMap((at) => (x + at >= 0 && x + at < 4 && y + at >= 0 && y + at < 4 ? 1 : []));
      expect(picture.data.filter((value) => value === 255).length / 2).toBe(drawn.length);
    }
    const picture = empty(4, 4);
    draw(picture, stampOf(empty(3, 3)), 0, 0);
    expect(picture.data.every((value) => value === 0)).toBe(true);
  });
});
