import type { ChartPlace } from './place.ts';
import type { Plot } from './plot.ts';
import type { Domain } from './scale.ts';

/** One element of a chart: a bin or a sample. */
export interface ChartStep {
  /** Its extent along the x axis in pixels: pointing there selects it. */
  readonly from: number;
  readonly to: number;
  /** Its extent from top to bottom, if elements lie above each other. */
  readonly band?: readonly [top: number, bottom: number];
  /** Where its figure is drawn; null if it has no figure. */
  readonly at: ChartPlace | null;
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** The elements of a chart that a reader goes through with keys or the pointer. */
export interface Steps {
  readonly plot: Plot;
  /** What the elements are, in the plural. */
  readonly named: string;
  /** From left to right. */
  readonly all: readonly ChartStep[];
  /** Opens the page of an element, if they have pages. */
  readonly open?: (index: number) => void;
}

/** Elements at ascending x, each reaching half way to its neighbours. */
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

/** The element that a key leads to; undefined for other keys. */
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

/** The element at a place; outside of the plot, the nearest one. */
export function stepAtPlace(all: readonly ChartStep[], { x, y }: ChartPlace): number {
  const inBand = all.findLastIndex(
    ({ from, band }) => from <= x && band !== undefined && band[0] <= y && y < band[1],
  );
  if (inBand !== -1) return inBand;
  return Math.max(
    0,
    all.findLastIndex(({ from }) => from <= x),
  );
}

/** What a step shows, as a screen reader reads it. */
export function describeStep({ title, rows }: ChartStep): string {
  return [title, ...rows.map(([name, value]) => `${name} ${value}`)].join('; ');
}
