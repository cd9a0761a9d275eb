/** Where measurements of a sweep came from. */
export interface SweepSource {
  readonly name: string;
  /** What the points are, beside each of them; undefined for what was measured or ingested here. */
  readonly mark?: string;
  /** The same in a sentence, among the reasons that a point carries. */
  readonly remark?: string;
  /** The same in the plural, for charts and tables of such points. */
  readonly remarkOfMany?: string;
  /** It can be fetched again by a command, and so be forgotten. */
  readonly fetchedBy?: string;
}

/** Results of the public project, as its API answers them. */
export const publicSource = {
  name: 'public',
  mark: 'thinned copy',
  remark: 'a thinned copy of a public result: the API has some concurrencies of a configuration, not all',
  remarkOfMany:
    'thinned copies of public results: their source has only some of the concurrencies that were measured',
  fetchedBy: 'public pull',
} as const satisfies SweepSource;

/** Every source of sweeps. */
export const sweepSources: readonly SweepSource[] = [
  { name: 'run' },
  { name: 'artifact' },
  { name: 'import' },
  publicSource,
];

/** The sources whose points carry a mark. */
export const markedSources = sweepSources.filter(({ mark }) => mark !== undefined);

/** What the points of a source are marked with; null for nothing. */
export function markOf(source: string): string | null {
  return sweepSources.find(({ name }) => name === source)?.mark ?? null;
}
