import { boldness, spread } from './labels.ts';
import type { ChartPlace } from './place.ts';
import type { Plot } from './plot.ts';
import { fontSize, textWidth } from './size.ts';

/** A line in pixels, from its first point to the end where its name belongs. */
export interface EndedLine {
  readonly key: string;
  readonly name: string;
  readonly path: readonly ChartPlace[];
}

/** A part of the picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface EndLabel {
  /** Where the text begins, and the middle of its height. */
  readonly x: number;
  readonly y: number;
  /** Whether it stands away from the line's end, so that a thin line has to lead to it. */
  readonly isApart: boolean;
}

export const labelHeight = 15;
const gap = 7;
/** Offsets from the line's end, to the right and down, at which a name clearly belongs to its line. */
const near = [0, 5, -5, 10, -10].map((down) => ({ right: 0, down }));
/** Farther places, nearest first, from which a thin line leads to the end. */
const apart = [14, 32].flatMap((right) => [0, 14, -14, 28, -28].map((down) => ({ right, down })));
const columnGap = 10;

/**
 * The place of each line's name: directly behind the line's end or close to it, where it covers no line, no other name
 * and nothing that is taken; otherwise in a column beside the plot, at the height of the line's end.
 */
export function endLabels(
  lines: readonly EndedLine[],
  { area }: Plot,
  taken: readonly Box[] = [],
): ReadonlyMap<string, EndLabel> {
  const covered = [...taken];
  const places = new Map<string, EndLabel>();
  const beside: { readonly key: string; readonly at: number }[] = [];
  for (const { key, name, path } of lines) {
    const end = path.at(-1);
    if (end === undefined) continue;
    const isFree = (box: Box) =>
      box.right <= area.x[1] &&
      box.top >= area.y[1] &&
      box.bottom <= area.y[0] &&
      !covered.some((other) => overlaps(box, other)) &&
      !lines.some((line) => crosses(line.path, box));
    const boxAt = ({ right, down }: (typeof near)[number]) =>
      boxBehind({ x: end.x + right, y: end.y + down }, name);
    const touching = near.map(boxAt).find(isFree);
    const box = touching ?? apart.map(boxAt).find(isFree);
    if (box === undefined) beside.push({ key, at: end.y });
    else {
      covered.push(box);
      places.set(key, {
        x: box.left,
        y: (box.top + box.bottom) / 2,
        isApart: touching === undefined,
      });
    }
  }
  for (const [key, y] of spread(beside, labelHeight, [area.y[1], area.y[0]]))
    places.set(key, { x: area.x[1] + columnGap, y, isApart: true });
  return places;
}

function boxBehind({ x, y }: ChartPlace, name: string): Box {
  const left = x + gap;
  return {
    left,
    right: left + boldness * textWidth(name, fontSize) + gap / 2,
    top: y - labelHeight / 2,
    bottom: y + labelHeight / 2,
  };
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function crosses(path: readonly ChartPlace[], box: Box): boolean {
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
