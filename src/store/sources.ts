/** The origin of a sweep's measurements. */
export interface SweepSource {
  readonly name: string;
  /** The mark shown next to each point; undefined for points measured or ingested here. */
  readonly mark?: string;
  /** The same as a sentence, among the reasons of a point. */
  readonly remark?: string;
  /** The command that can fetch it again; only then can it be forgotten. */
  readonly fetchedBy?: string;
}

/** Results of the public project, from its API. */
export const publicSource = {
  name: 'public',
  mark: 'thinned copy',
  remark: 'a thinned copy of a public result: the API has some concurrencies of a configuration, not all',
  fetchedBy: 'public pull',
} as const satisfies SweepSource;

/** Every source of sweeps. */
export const sweepSources: readonly SweepSource[] = [
  { name: 'run' },
  { name: 'artifact' },
  { name: 'import' },
  publicSource,
];

/** The mark of a source's points, or null. */
export function markOf(source: string): string | null {
  return sweepSources.find(({ name }) => name === source)?.mark ?? null;
}
