import { concurrencies, type Ladder } from '../concurrency.ts';
import type { SweepFilters } from '../decision.ts';

/** The step of ranges where none is named. */
export const usualStep = 2;

/** The concurrencies that are left of an item, or the option that leaves none. */
export type Limited = { readonly concs: readonly number[] } | { readonly droppedBy: string };

export type Limits = Pick<SweepFilters, 'minConc' | 'maxConc' | 'stepSize'>;

/** Of an item of fixed lengths on one node (contract F3). */
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

/** Of one of fixed lengths on several nodes: its whole list. */
export function limitedOnNodes(item: Ladder, limits: Limits): Limited {
  return limitedList(concurrencies(item, limits.stepSize ?? usualStep), limits);
}

/** What is neither below nor above; the upper limit itself where all that is left is above it. */
function limitedList(list: readonly number[], limits: Limits): Limited {
  const { minConc, maxConc } = limits;
  const impossible = impossibleLimit(limits);
  if (impossible !== undefined) return impossible;
  const enough = list.filter((conc) => conc >= (minConc ?? conc));
  if (enough.length === 0) return { droppedBy: '--min-conc' };
  const kept = enough.filter((conc) => conc <= (maxConc ?? conc));
  return { concs: kept.length > 0 || maxConc === undefined ? kept : [maxConc] };
}

/** A limit that is no possible concurrency leaves nothing. */
function impossibleLimit({ minConc, maxConc }: Limits): Limited | undefined {
  if (minConc !== undefined && minConc <= 0) return { droppedBy: '--min-conc' };
  return maxConc !== undefined && maxConc <= 0 ? { droppedBy: '--max-conc' } : undefined;
}

/** Of one of agentic traces: nothing is put in the place of what is above the limit. */
export function limitedOfTraces(item: Ladder, { minConc, maxConc, stepSize = usualStep }: Limits): Limited {
  const enough = concurrencies(item, stepSize).filter((conc) => conc >= (minConc ?? conc));
  if (enough.length === 0) return { droppedBy: '--min-conc' };
  const concs = enough.filter((conc) => conc <= (maxConc ?? conc));
  return concs.length === 0 ? { droppedBy: '--max-conc' } : { concs };
}
