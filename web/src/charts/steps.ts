import type { ChartPlace } from './place.ts';
import type { Plot } from './plot.ts';
import type { Domain } from './scale.ts';

/** One of the things that a chart is made of: a bin, a sample. */
export interface ChartStep {
  /** From where to where it is across the chart, pixels: whoever points between means it. */
  readonly from: number;
  readonly to: number;
  /** Where its figure is drawn; null where it has none. */
  readonly at: ChartPlace | null;
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** What the reader of a chart goes through, by keys or by pointing. */
export interface Steps {
  readonly plot: Plot;
  /** What each is, in the plural. */
  readonly named: string;
  /** From left to right. */
  readonly all: readonly ChartStep[];
  /** Goes to the page of one, where each has one. */
  readonly open?: (index: number) => void;
}

/** Things at ascending places across a chart, each reaching half way to its neighbours. */
export function stepsAlong<Item extends object>(
  items: readonly Item[],
  acrossOf: (item: Item) => number,
  [left, right]: Domain,
  describe: (item: Item, index: number) => Omit<ChartStep, 'from' | 'to'>,
): ChartStep[] {
  const half = (index: number): number | undefined => {
    const [before, after] = [items[index], items[index + 1]];
    return before && after && (acrossOf(before) + acrossOf(after)) / 2;
  };
  return items.map((item, index) => ({
    ...describe(item, index),
    from: half(index - 1) ?? left,
    to: half(index) ?? right,
  }));
}

/** Where a key leads to; undefined for a key that leads nowhere. */
export function stepByKey(key: string, current: number | undefined, count: number): number | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case 'ArrowRight':
      return current === undefined ? 0 : Math.min(current + 1, count - 1);
    case 'ArrowLeft':
      return current === undefined ? count - 1 : Math.max(Math.min(current, count) - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Which one is at a place; beside the figures, the nearest. */
export function stepAtPlace(all: readonly ChartStep[], { x }: ChartPlace): number {
  return Math.max(
    0,
    all.findLastIndex(({ from }) => from <= x),
  );
}

/** What a step shows, in the words a screen reader says. */
export function describeStep({ title, rows }: ChartStep): string {
  return [title, ...rows.map(([name, value]) => `${name} ${value}`)].join('; ');
}
