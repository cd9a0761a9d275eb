/** The concurrencies of a search-space item, as written in the config. */
export interface Ladder {
  readonly 'conc-start'?: number;
  readonly 'conc-end'?: number;
  readonly 'conc-list'?: readonly number[];
}

/** The concurrencies of a search-space item: its list, or the steps from start to end; the end is always included. */
export function concurrencies(item: Ladder, stepSize: number): number[] {
  const { 'conc-start': start, 'conc-end': end, 'conc-list': list } = item;
  if (list !== undefined) return [...list];
  if (start === undefined || end === undefined) return [];
  const points: number[] = [];
  for (let conc = start; conc < end; conc *= stepSize) points.push(conc);
  return [...points, end];
}

/**
 * The same with an upper limit. A range ends at the limit, and becomes just the limit if it starts above it. A list
 * keeps the values up to the limit, and becomes just the limit if there are none. A limit of 0 or less leaves nothing.
 */
export function limitedConcurrencies(item: Ladder, stepSize: number, maxConc: number | undefined): number[] {
  if (maxConc === undefined) return concurrencies(item, stepSize);
  if (maxConc <= 0) return [];
  const { 'conc-start': start, 'conc-end': end } = item;
  if (start !== undefined && end !== undefined) {
    const range = { 'conc-start': Math.min(start, maxConc), 'conc-end': Math.min(end, maxConc) };
    return concurrencies(range, stepSize);
  }
  const kept = concurrencies(item, stepSize).filter((conc) => conc <= maxConc);
  return kept.length > 0 ? kept : [maxConc];
}
