import type { ListedSweep } from '../../../../src/server/api.ts';
import type { SweepsValues } from './params.ts';

interface SweepFilter {
  readonly name: keyof SweepsValues;
  readonly label: string;
  /** The property of a run that it filters by. */
  of(run: ListedSweep): readonly string[];
}

export const sweepFilters: readonly SweepFilter[] = [
  { name: 'runmodel', label: 'Model', of: ({ models }) => models },
  { name: 'hw', label: 'Hardware', of: ({ hardware }) => hardware },
  { name: 'engine', label: 'Engine', of: ({ frameworks }) => frameworks },
  { name: 'from', label: 'Started by', of: ({ command }) => [command] },
];

/** The runs that match all filters. */
export function sweepsAsked(runs: readonly ListedSweep[], values: SweepsValues): readonly ListedSweep[] {
  return runs.filter((run) =>
    sweepFilters.every(({ name, of }) => values[name] === '' || of(run).includes(values[name])),
  );
}

/** The values of a filter that the other filters leave, with the number of runs of each. */
export function offeredBy(
  { name, of }: SweepFilter,
  runs: readonly ListedSweep[],
  values: SweepsValues,
): readonly { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const run of sweepsAsked(runs, { ...values, [name]: '' }))
    for (const value of of(run)) counts.set(value, (counts.get(value) ?? 0) + 1);
  // A chosen value stays in the list, even if it matches no run.
  if (values[name] !== '' && !counts.has(values[name])) counts.set(values[name], 0);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}
