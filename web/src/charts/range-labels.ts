import { labelWidth } from './boxes.ts';

/** A row of a chart with ranges, in pixels. */
export interface RangePlace {
  /** Where its value is, and where its range ends, if it has one. */
  readonly at: number;
  readonly rangeEnd: number | null;
}

/** Where a value is written: the left end of the text, and whether that is above the row or on it. */
export interface RangeLabel {
  readonly left: number;
  readonly isAbove: boolean;
}

const gap = 8;

/**
 * A value is never written behind the end of its range, which would look like the value: it is above its
 * mark or, if the chart has no ranges, behind it. If names are above the rows, values form a column at the
 * right.
 */
export function rangeLabels(
  rows: readonly RangePlace[],
  texts: readonly string[],
  {
    bounds: [low, high],
    isStacked,
  }: { readonly bounds: readonly [low: number, high: number]; readonly isStacked: boolean },
): readonly RangeLabel[] {
  const isAbove = !isStacked && rows.some(({ rangeEnd }) => rangeEnd !== null);
  return rows.map(({ at }, index) => {
    const width = labelWidth(texts[index] ?? '');
    if (isStacked) return { left: high - width, isAbove };
    return { left: isAbove ? Math.min(Math.max(at - width / 2, low), high - width) : at + gap, isAbove };
  });
}
