import { type Box, boxOf, crosses, labelWidth, overlaps } from './boxes.ts';
import { labelHeight } from './labels.ts';
import type { ChartPlace } from './place.ts';
import type { Plot } from './plot.ts';

/** The value of a line at the level of the question, and how it is written. */
export interface LevelValue {
  readonly value: number;
  readonly text: string;
}

/** A line in pixels, and its value at the level, if it has one. */
export interface ReadLine {
  readonly key: string;
  readonly path: readonly ChartPlace[];
  readonly read: LevelValue | undefined;
}

/** Where a value is written: where its text begins, and the middle of its height. */
export interface PlacedRead extends ChartPlace {
  readonly text: string;
  /** A thin line from the value on its line to a text that stands away from it. */
  readonly leader: readonly [ChartPlace, ChartPlace] | null;
}

export interface LevelReads {
  readonly placed: ReadonlyMap<string, PlacedRead>;
  /** The lines whose value has no place in the plot, which a chart must say. */
  readonly left: readonly string[];
}

const gap = 7;
/** Above and below the line, the nearest first; farther away a value would not belong to its line any more. */
const offsets = [8, 11, 15, 20, 26].flatMap((away) => [-away, away]);
/** Columns left and right of the level, nearest first, to whose texts a thin line leads. */
const columns = [24, 90];
const columnStep = 3;
/** A text this near to the height of its value is not taken for that of another line. */
const near = 48;
/** A thin line ends a little away from its text. */
const leaderGap = 3;

interface LevelReadsOptions {
  readonly plot: Plot;
  /** The x of the level, pixels. */
  readonly level: number;
  /** What the values must not cover, such as names. */
  readonly taken: readonly Box[];
  /** Lines that lead to names. */
  readonly leaders: readonly (readonly ChartPlace[])[];
}

/**
 * The places of the values at a level, to its left or right, where no line strikes through them. A value that does not
 * fit beside its line stands farther away, at the end of a thin line. Values outside the shown part are left out.
 */
export function levelReads(
  lines: readonly ReadLine[],
  { plot: { area, y }, level, taken, leaders }: LevelReadsOptions,
): LevelReads {
  const covered = [...taken];
  const placed = new Map<string, PlacedRead>();
  const strikes = [...lines.map(({ path }) => path), ...leaders];
  const isFree = (box: Box) =>
    box.left >= area.x[0] &&
    box.right <= area.x[1] &&
    box.top >= area.y[1] - labelHeight / 2 &&
    box.bottom <= area.y[0] &&
    !covered.some((other) => overlaps(box, other));
  const isStruck = (box: Box) => strikes.some((path) => crosses(path, box));
  const shown = lines.flatMap(({ key, read }) => {
    if (read === undefined) return [];
    const at = y(read.value);
    return at < area.y[1] || at > area.y[0] ? [] : { key, text: read.text, at };
  });
  const put = (key: string, read: PlacedRead) => {
    covered.push(boxOf(read.text, read));
    placed.set(key, read);
  };
  for (const { key, text, at } of shown) {
    const starts = [level - gap - labelWidth(text), level + gap];
    const found = offsets
      .flatMap((down) => starts.map((x) => ({ x, y: at + down })))
      .find((place) => {
        const box = boxOf(text, place);
        return isFree(box) && !isStruck(box);
      });
    if (found !== undefined) put(key, { ...found, text, leader: null });
  }
  // The halo of a text keeps it readable over a line, if no place without one is left.
  for (const mayStrike of [false, true])
    for (const { key, text, at } of shown) {
      if (placed.has(key)) continue;
      const found = placesApart(text, at, level, area).find(({ place }) => {
        const box = boxOf(text, place);
        const isNear = Math.abs(place.y - at) <= near;
        return isFree(box) && (mayStrike || (isNear && !isStruck(box)));
      });
      if (found === undefined) continue;
      const from = { x: level, y: at };
      put(key, { ...found.place, text, leader: [from, { x: found.end, y: found.place.y }] });
    }
  return { placed, left: shown.flatMap(({ key }) => (placed.has(key) ? [] : key)) };
}

/** Places in the columns beside the level, the nearest to the value's height first, and where a thin line ends. */
function placesApart(
  text: string,
  at: number,
  level: number,
  area: Plot['area'],
): readonly { readonly place: ChartPlace; readonly end: number }[] {
  const heights = Array.from(
    { length: Math.max(0, Math.ceil((area.y[0] - area.y[1]) / columnStep)) },
    (_, step) => area.y[1] + step * columnStep,
  ).toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at));
  return columns.flatMap((away) =>
    heights.flatMap((y) => [
      { place: { x: level - away - labelWidth(text), y }, end: level - away + leaderGap },
      { place: { x: level + away, y }, end: level + away - leaderGap },
    ]),
  );
}
