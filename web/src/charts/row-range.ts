/** The range of a value, and what it is: each kind has its own mark. */
export interface RowRange {
  /** A 95 % interval is a whisker with ends; the span between two measurements is a band without. */
  readonly kind: 'interval' | 'between';
  readonly of: readonly [low: number, high: number];
}

export function intervalRange(interval: RowRange['of'] | null): RowRange | null {
  return interval === null ? null : { kind: 'interval', of: interval };
}

const meanings: Readonly<Record<RowRange['kind'], string>> = {
  interval: ' Whiskers are 95\u00a0% intervals.',
  between: ' Bands reach to the two measured concurrencies of one server between which a value lies.',
};

/** What the marks of some rows mean, for the note of a figure. */
export function rangeNote(rows: readonly { readonly range: RowRange | null }[]): string {
  const kinds = new Set(rows.flatMap(({ range }) => range?.kind ?? []));
  return [...kinds].map((kind) => meanings[kind]).join('');
}
