import type { MasterConfigs } from '../config/index.ts';
import { type MatrixEntry, testConfig } from '../matrix/index.ts';
import { addedEntries } from './added.ts';
import { Changelog } from './changelog-file.ts';
import { fileAtRef } from './git.ts';
import { type KeysOfEntry, keysToRerun } from './rerun.ts';

/** A change of the changelog: the file, relative to the root of a repository, between two refs. */
export interface ChangelogChange {
  readonly repository: string;
  readonly file: string;
  readonly base: string;
  readonly head: string;
}

/**
 * The configs that added entries ask to measure again. Throws InputError if an entry was deleted or edited, if nothing
 * was added, or if an entry matches no config.
 */
export async function askedBetween(
  { repository, file, base, head }: ChangelogChange,
  configs: MasterConfigs,
): Promise<KeysOfEntry[]> {
  const [before, after] = await Promise.all([
    fileAtRef(repository, base, file),
    fileAtRef(repository, head, file),
  ]);
  const changed = await Changelog.parse(file, after);
  const added = addedEntries(await Changelog.parse(`${file} at ${base}`, before), changed, file);
  return keysToRerun(changed.check(added), configs, file);
}

/** The same as matrix entries, in the order of the requests. Throws InputError like `askedBetween`. */
export async function entriesBetween(
  change: ChangelogChange,
  configs: MasterConfigs,
): Promise<MatrixEntry[]> {
  const asked = await askedBetween(change, configs);
  return testConfig(
    configs,
    asked.flatMap(({ keys }) => keys),
  );
}
