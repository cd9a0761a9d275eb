import { concurrencies, type Ladder } from '../concurrency.ts';
import type { SweepFilters } from '../decision.ts';

/** Default step of ranges. */
export const usualStep = 2;

/** The remaining concurrencies of an item, or the option that leaves none. */
export type Limited = { readonly concs: readonly number[] } | { readonly droppedBy: string };

export type Limits = Pick<SweepFilters, 'minConc' | 'maxConc' | 'stepSize'>;

/** The concurrencies of a single-node item with fixed lengths, within the limits (contract F3). */
export function limitedOnNode(item: Ladder, limits: Limits): Limited {
  const { minConc, maxConc, stepSize = usualStep } = limits;
  const { 'conc-start': start, 'conc-end': end } = item;
  if (start === undefined || end === undefined) return limitedList(concurrencies(item, stepSize), limits);
  const impossible = impossibleLimit(limits);
  if (impossible !== undefined) return impossible;
  if (minConc !== undefined && end < minConc) return { droppedBy: '--min-conc' };
  const from = Math.max(start, minConc ?? start);
  const most = maxConc ?? Number.POSITIVE_INFINITY;
  const range = { 'conc-start': Math.min(from, most), 'conc-end': Math.min(end, most) };
  return { concs: concurrencies(range, stepSize) };
}

/** The concurrencies of a multi-node item with fixed lengths, within the limits. */
export function limitedOnNodes(item: Ladder, limits: Limits): Limited {
  return limitedList(concurrencies(item, limits.stepSize ?? usualStep), limits);
}

/** The values within the limits; the upper limit itself if all remaining values exceed it. */
function limitedList(list: readonly number[], limits: Limits): Limited {
  const { minConc, maxConc } = limits;
  const impossible = impossibleLimit(limits);
  if (impossible !== undefined) return impossible;
  const enough = list.filter((conc) => conc >= (minConc ?? conc));
  if (enough.length === 0) return { droppedBy: '--min-conc' };
  const kept = enough.filter((conc) => conc <= (maxConc ?? conc));
  return { concs: kept.length > 0 || maxConc === undefined ? kept : [maxConc] };
}

/** An impossible limit leaves nothing. */
function impossibleLimit({ minConc, maxConc }: Limits): Limited | undefined {
  if (minConc !== undefined && minConc <= 0) return { droppedBy: '--min-conc' };
  return maxConc !== undefined && maxConc <= 0 ? { droppedBy: '--max-conc' } : undefined;
}

/** The concurrencies of an agentic item, within the limits: values above the limit are dropped, not replaced. */
export function limitedOfTraces(item: Ladder, { minConc, maxConc, stepSize = usualStep }: Limits): Limited {
  const enough = concurrencies(item, stepSize).filter((conc) => conc >= (minConc ?? conc));
  if (enough.length === 0) return { droppedBy: '--min-conc' };
  const concs = enough.filter((conc) => conc <= (maxConc ?? conc));
  return concs.length === 0 ? { droppedBy: '--max-conc' } : { concs };
}
