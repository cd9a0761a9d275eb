import { boldness, labelHeight } from './labels.ts';
import type { ChartPlace } from './place.ts';
import { fontSize, textWidth } from './size.ts';

/** A part of the picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The width of a name or a value next to a line; both are bold. */
export function labelWidth(text: string): number {
  return boldness * textWidth(text, fontSize);
}

/** The box of a text that begins at a place, in the middle of its height. */
export function boxOf(text: string, { x, y }: ChartPlace): Box {
  return {
    left: x,
    right: x + labelWidth(text),
    top: y - labelHeight / 2,
    bottom: y + labelHeight / 2,
  };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Whether a line strikes through a box. */
export function crosses(path: readonly ChartPlace[], box: Box): boolean {
  return path.some((to, index) => {
    const from = path[index - 1];
    return from !== undefined && crossesBox(from, to, box);
  });
}

/** Liang and Barsky: what is left of a segment after each side of the box has cut it. */
function crossesBox(from: ChartPlace, to: ChartPlace, { left, right, top, bottom }: Box): boolean {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  let [first, last] = [0, 1];
  for (const [along, room] of [
    [-dx, from.x - left],
    [dx, right - from.x],
    [-dy, from.y - top],
    [dy, bottom - from.y],
  ] as const) {
    if (along === 0) {
      if (room < 0) return false;
    } else if (along < 0) first = Math.max(first, room / along);
    else last = Math.min(last, room / along);
  }
  return first <= last;
}
