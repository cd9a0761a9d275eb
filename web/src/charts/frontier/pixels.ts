/** Pixels in rows, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** A small picture without its empty edges, and where it begins in the whole one. */
export interface Stamp extends Pixels {
  readonly left: number;
  readonly top: number;
  /** The same pixels, each as one number. */
  readonly words: Uint32Array;
}

const opacityAt = 3;

/** The part of a picture that has visible pixels, faded to an opacity. */
export function stampOf({ width, height, data }: Pixels, opacity = 1): Stamp {
  const isVisible = (x: number, y: number) => (data[4 * (y * width + x) + opacityAt] ?? 0) > 0;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!isVisible(x, y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  if (right <= left) [left, top, right, bottom] = [0, 0, 0, 0];
  const part = new Uint8ClampedArray(4 * (right - left) * (bottom - top));
  for (let y = top; y < bottom; y++)
    part.set(data.subarray(4 * (y * width + left), 4 * (y * width + right)), 4 * (y - top) * (right - left));
  for (let at = opacityAt; at < part.length; at += 4) part[at] = (part[at] ?? 0) * opacity;
  return { left, top, width: right - left, height: bottom - top, data: part, words: wordsOf(part) };
}

/** Pixels as one number each. */
export function wordsOf(data: Uint8ClampedArray<ArrayBuffer>): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
}

/**
 * Draws a small picture over a large one; what would be outside is cut off. In plain code, because a canvas
 * needs several times as long for thousands of small pictures.
 */
export function drawOver(onto: Pixels, words: Uint32Array, stamp: Stamp, x: number, y: number): void {
  const [left, top] = [x + stamp.left, y + stamp.top];
  const [from, to] = [Math.max(0, -left), Math.min(stamp.width, onto.width - left)];
  const [first, last] = [Math.max(0, -top), Math.min(stamp.height, onto.height - top)];
  for (let row = first; row < last; row++) {
    let at = row * stamp.width + from;
    let place = (top + row) * onto.width + left + from;
    for (let column = from; column < to; column++, at++, place++) {
      const word = stamp.words[at] ?? 0;
      if (word === 0) continue;
      // Most pixels cover nothing, or all that is below.
      if (words[place] === 0 || stamp.data[4 * at + opacityAt] === 255) words[place] = word;
      else blend(onto.data, 4 * place, stamp.data, 4 * at);
    }
  }
}

/** A pixel over another one, by its opacity. */
function blend(onto: Uint8ClampedArray, place: number, source: Uint8ClampedArray, at: number): void {
  const over = (source[at + opacityAt] ?? 0) / 255;
  const below = ((onto[place + opacityAt] ?? 0) / 255) * (1 - over);
  const both = over + below;
  if (both === 0) return;
  for (let channel = 0; channel < opacityAt; channel++)
    onto[place + channel] =
      ((source[at + channel] ?? 0) * over + (onto[place + channel] ?? 0) * below) / both;
  onto[place + opacityAt] = 255 * both;
}
