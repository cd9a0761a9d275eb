import { existsSync } from 'node:fs';
import { InputError } from '../../../errors.ts';
import { run } from '../../../process/run.ts';
import {
  measurementsLike,
  type NamedPoints,
  namedPoints,
  pointsOfSweep,
  type Side,
  type SourcePoint,
  sideIn,
} from '../../../results/index.ts';
import { type Store, storeInMemory } from '../../../store/index.ts';

export interface SideOptions {
  /** The store in which to look up names; undefined if there is none. */
  readonly store: Store | undefined;
  /** How many days before the measurements to look for repeats. */
  readonly noiseDays: number;
}

/**
 * Resolves a word of the command line to results: a folder, file or zip; `latest`; a sweep id or its start; a date, for
 * the latest results of that time; a branch or commit. Throws InputError if it is none of these.
 */
export async function sideOf(word: string, { store, noiseDays }: SideOptions): Promise<Side> {
  if (existsSync(word)) {
    const { name, points } = await ofFolder(word);
    const ids = new Set(points.map(({ id }) => id));
    const all = store === undefined ? [] : await measurementsLike(points, store, noiseDays);
    return { name, points, others: all.filter(({ id }) => !ids.has(id)) };
  }
  if (store === undefined)
    throw new InputError(`'${word}' is not a folder, and there is no store to look it up in`, undefined, {
      code: 'no-store',
    });
  const found = (await namedPoints(word, store)) ?? (await ofCommit(word, store));
  if (found === undefined) {
    throw new InputError(
      `'${word}' is not a folder, and the store has no measurements of a sweep, date, branch or commit with that name`,
      'see `inferencemax sweep list` or `inferencemax store stats`',
      { code: 'not-a-result' },
    );
  }
  return await sideIn(store, found, noiseDays);
}

async function ofCommit(word: string, store: Store): Promise<NamedPoints | undefined> {
  const sweeps = await store.allSweeps();
  const newestOfBranch = sweeps.find(({ gitRef }) => gitRef === word || gitRef === `refs/heads/${word}`);
  const commit = newestOfBranch?.gitSha ?? (await commitOf(word)) ?? word;
  const ofCommit = sweeps.filter(
    ({ gitSha }) => gitSha !== null && commit.length >= 7 && gitSha.startsWith(commit),
  );
  const chosen = ofCommit.length > 0 ? ofCommit : newestOfBranch === undefined ? [] : [newestOfBranch];
  if (chosen.length === 0) return undefined;
  const points = await Promise.all(chosen.map(async ({ id }) => await pointsOfSweep(store, id)));
  return { name: word, points: points.flat() };
}

/** The commit for a git name; undefined without a repository or such a name. */
async function commitOf(name: string): Promise<string | undefined> {
  if (name.startsWith('-')) return undefined;
  const signal = AbortSignal.timeout(10_000);
  const command = ['git', 'rev-parse', '--verify', '--quiet', `${name}^{commit}`] as const;
  const output = await run(command, { signal }).catch(() => undefined);
  return output?.trim() || undefined;
}

/** Reads results from a folder by ingesting them into a temporary store. */
async function ofFolder(path: string): Promise<{ readonly name: string; readonly points: SourcePoint[] }> {
  const store = await storeInMemory();
  try {
    const { quarantined } = await store.ingest(path);
    const configurations = (await store.configurations()).map(({ id }) => id);
    if (configurations.length === 0) {
      const [first] = quarantined;
      throw new InputError(
        `no results in ${path}${first === undefined ? '' : `: ${first.file}: ${first.reason}`}`,
      );
    }
    return { name: path, points: await store.measurementsOf(configurations) };
  } finally {
    await store.close();
  }
}
