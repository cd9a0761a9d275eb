/** The origin of a sweep's measurements. */
export interface SweepSource {
  readonly name: string;
  /** The mark shown next to each point; undefined for points measured or ingested here. */
  readonly mark?: string;
  /** The same as a sentence, among the reasons of a point. */
  readonly remark?: string;
  /** The remark in the plural, for charts and tables. */
  readonly remarkOfMany?: string;
  /** The command that fetches it again; a source without one cannot be forgotten. */
  readonly fetchedBy?: string;
}

/** Results of the public project, from its API. */
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

/** The mark of a source's points, or null. */
export function markOf(source: string): string | null {
  return sweepSources.find(({ name }) => name === source)?.mark ?? null;
}
