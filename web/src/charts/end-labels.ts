import { type Box, boxOf, crosses, overlaps } from './boxes.ts';
import { labelHeight, spread } from './labels.ts';
import type { ChartPlace } from './place.ts';
import type { Plot } from './plot.ts';

/** A line in pixels, from its first point to the end where its name belongs. */
export interface EndedLine {
  readonly key: string;
  readonly name: string;
  readonly path: readonly ChartPlace[];
}

export interface EndLabel {
  /** Where the text begins, and the middle of its height. */
  readonly x: number;
  readonly y: number;
  /** A thin line from the line's end to a name that stands away from it. */
  readonly leader: readonly [ChartPlace, ChartPlace] | null;
}

const gap = 7;
/** Offsets from the line's end, to the right and down, at which a name clearly belongs to its line. */
const near = [0, 5, -5, 10, -10].map((down) => ({ right: 0, down }));
/** Farther places, nearest first, from which a thin line leads to the end. */
const apart = [14, 32].flatMap((right) => [0, 14, -14, 28, -28].map((down) => ({ right, down })));
const columnGap = 10;
/** A thin line begins and ends a little away from what it connects. */
const leaderGap = 4;

/**
 * The place of each line's name: directly behind the line's end or close to it; otherwise in a column beside
 * the plot, at the height of the line's end. No line strikes through a name, neither a chart's line nor one
 * that leads to another name.
 */
export function endLabels(
  lines: readonly EndedLine[],
  { area }: Plot,
  taken: readonly Box[] = [],
): ReadonlyMap<string, EndLabel> {
  const all = lines.flatMap((line) => {
    const end = line.path.at(-1);
    if (end === undefined) return [];
    const free = [...near, ...apart].flatMap(({ right, down }) => {
      const at = { x: end.x + right + gap, y: end.y + down };
      const box = boxOf(line.name, at);
      const isInside = box.right <= area.x[1] && box.top >= area.y[1] && box.bottom <= area.y[0];
      if (!isInside || taken.some((other) => overlaps(box, other))) return [];
      if (lines.some(({ path }) => crosses(path, box))) return [];
      return { label: { ...at, leader: right === 0 ? null : leaderTo(end, at) }, box };
    });
    return { key: line.key, end, free };
  });
  // A name that goes beside the plot gets a line across it, which can take the place of another name.
  const beside = new Set<string>();
  for (;;) {
    const inColumn = columnOf(
      all.filter(({ key }) => beside.has(key)),
      area,
    );
    const places = new Map(inColumn);
    const leaders = [...inColumn.values()].flatMap(({ leader }) => (leader === null ? [] : [leader]));
    const covered: Box[] = [];
    const homeless = all.filter(({ key, free }) => {
      if (beside.has(key)) return false;
      const chosen = free.find(
        ({ box, label: { leader } }) =>
          !covered.some((other) => overlaps(box, other) || (leader !== null && crosses(leader, other))) &&
          !leaders.some((other) => crosses(other, box)),
      );
      if (chosen === undefined) return true;
      covered.push(chosen.box);
      if (chosen.label.leader !== null) leaders.push(chosen.label.leader);
      places.set(key, chosen.label);
      return false;
    });
    if (homeless.length === 0) return places;
    for (const { key } of homeless) beside.add(key);
  }
}

/** Names one below the other beside the plot, each as near as possible to the height of its line's end. */
function columnOf(
  lines: readonly { readonly key: string; readonly end: ChartPlace }[],
  area: Plot['area'],
): ReadonlyMap<string, EndLabel> {
  const heights = spread(
    lines.map(({ key, end }) => ({ key, at: end.y })),
    labelHeight,
    [area.y[1], area.y[0]],
  );
  return new Map(
    lines.map(({ key, end }) => {
      const at = { x: area.x[1] + columnGap, y: heights.get(key) ?? end.y };
      return [key, { ...at, leader: leaderTo(end, at) }];
    }),
  );
}

function leaderTo(end: ChartPlace, to: ChartPlace): readonly [ChartPlace, ChartPlace] {
  return [
    { x: end.x + leaderGap, y: end.y },
    { x: to.x - leaderGap, y: to.y },
  ];
}
