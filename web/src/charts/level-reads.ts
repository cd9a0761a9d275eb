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
}

const gap = 7;
/** Above and below the line, the nearest first; farther away a value would not belong to its line any more. */
const offsets = [8, 11, 15, 20, 26].flatMap((away) => [-away, away]);

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
 * The places of the values at a level, to its left or right, where no line strikes through them. A value that
 * fits nowhere is left out: the chart's table and its legend have it.
 */
export function levelReads(
  lines: readonly ReadLine[],
  { plot: { area, y }, level, taken, leaders }: LevelReadsOptions,
): ReadonlyMap<string, PlacedRead> {
  const covered = [...taken];
  const places = new Map<string, PlacedRead>();
  const strikes = [...lines.map(({ path }) => path), ...leaders];
  for (const { key, read } of lines) {
    if (read === undefined) continue;
    const at = y(read.value);
    if (at < area.y[1] || at > area.y[0]) continue;
    const starts = [level - gap - labelWidth(read.text), level + gap];
    const candidates = offsets.flatMap((down) => starts.map((x) => ({ x, y: at + down })));
    const found = candidates.find((place) => {
      const box = boxOf(read.text, place);
      return (
        box.left >= area.x[0] &&
        box.right <= area.x[1] &&
        box.top >= area.y[1] - labelHeight / 2 &&
        box.bottom <= area.y[0] &&
        !covered.some((other) => overlaps(box, other)) &&
        !strikes.some((path) => crosses(path, box))
      );
    });
    if (found === undefined) continue;
    covered.push(boxOf(read.text, found));
    places.set(key, { ...found, text: read.text });
  }
  return places;
}
