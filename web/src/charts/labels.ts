import { textWidth } from './size.ts';

export interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

interface Line {
  readonly text: string;
  /** In pixels. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/**
 * Names lines where they run: each at the first of its places that is inside the plot and free of earlier labels and of
 * every line's points; that it crosses a line does no harm, because it has a rim. A line without a free place stays without a label; the legend names it too.
 */
export function placeLabels(lines: readonly Line[], area: Box, size: number): Map<string, Label> {
  const obstacles: Box[] = lines.flatMap(({ points }) =>
    points.map(({ x, y }) => ({ x0: x - 6, x1: x + 6, y0: y - 6, y1: y + 6 })),
  );
  const placed = new Map<string, Label>();
  for (const line of lines) {
    for (const label of candidates(line, size)) {
      const box = boxOf(label, size);
      const free = inside(box, area) && obstacles.every((other) => !overlap(box, other));
      if (!free) continue;
      obstacles.push(box);
      placed.set(line.text, label);
      break;
    }
  }
  return placed;
}

function* candidates({ text, points }: Line, size: number): Iterable<Label> {
  const gap = size * 0.9;
  const last = points.length - 1;
  // The ends are where lines are furthest apart; after them the points between, from the middle outwards.
  const order = [0, last, ...points.keys()].filter((at, index, all) => all.indexOf(at) === index);
  for (const at of order) {
    const point = points[at];
    if (point === undefined) continue;
    for (const [dx, dy, anchor] of [
      [8, -gap, 'start'],
      [10, size * 0.35, 'start'],
      [-8, -gap, 'end'],
      [0, -gap * 1.3, 'middle'],
      [-10, size * 0.35, 'end'],
      [8, gap * 1.9, 'start'],
      [-8, gap * 1.9, 'end'],
    ] as const) {
      yield { text, x: point.x + dx, y: point.y + dy, anchor };
    }
  }
}

function boxOf({ text, x, y, anchor }: Label, size: number): Box {
  const width = textWidth(text, size);
  const x0 = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { x0, x1: x0 + width, y0: y - size * 0.85, y1: y + size * 0.25 };
}

function overlap(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

function inside(box: Box, area: Box): boolean {
  return box.x0 >= area.x0 && box.x1 <= area.x1 && box.y0 >= area.y0 && box.y1 <= area.y1;
}

/**
 * Places on a line, at least so far apart and as near as that allows to where they belong, inside of bounds while there
 * is room. Equal places keep their order.
 */
export function spread(
  wanted: readonly { readonly key: string; readonly at: number }[],
  apart: number,
  [low, high]: readonly [low: number, high: number],
): ReadonlyMap<string, number> {
  const sorted = wanted.toSorted((a, b) => a.at - b.at);
  const places: number[] = [];
  for (const { at } of sorted)
    places.push(Math.max(at, low, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + apart));
  let limit = high;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index] ?? 0, limit);
    limit = (places[index] ?? 0) - apart;
  }
  return new Map(sorted.map(({ key }, index) => [key, places[index] ?? 0]));
}
