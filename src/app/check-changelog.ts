import {
  AddedBetween,
  bytesAtRef,
  type ChangelogChange,
  checkContribution,
  type Modifiers,
  type PullLinks,
  type Rerun,
  type Sides,
  StrictChangelog,
} from '../changelog/index.ts';
import { InputError } from '../errors.ts';
import { newFilesAtRef } from './prepare-changelog.ts';

/** What a change to the changelog requests, in numbers; all are 0 if it only folded files into the changelog. */
export interface CheckedChange {
  readonly entries: number;
  readonly points: number;
  readonly checks: number;
}

/**
 * Whether a change to the changelog may be merged: the file ends with a newline and the matrix can be made. With links
 * the rules for changes that people make are checked as well, as `canonicalize` does. Throws InputError otherwise.
 */
export async function checkChangelog(
  change: ChangelogChange,
  sides: Sides,
  modifiers: Modifiers,
  links: PullLinks | undefined,
): Promise<CheckedChange> {
  const { repository, file, base, head } = change;
  const bytes = await bytesAtRef(repository, head, file);
  if (bytes.length > 0 && bytes.at(-1) !== 0x0a)
    throw new InputError([
      {
        code: 'bad-changelog',
        file,
        message: `at ${head}, the last line does not end with a newline`,
        hint: 'add one',
      },
    ]);
  if (links !== undefined) {
    const strict = async (ref: string) =>
      await StrictChangelog.parse(
        ref === head ? file : `${file} (${ref})`,
        await bytesAtRef(repository, ref, file),
      );
    checkContribution(await strict(base), await strict(head), links);
    const empty = await StrictChangelog.parse(file, new Uint8Array());
    for (const { path, bytes: own } of await newFilesAtRef(change))
      checkContribution(empty, await StrictChangelog.parse(path, own), links);
  }
  const added = await AddedBetween.read(change, sides, modifiers);
  return { entries: added.asked().length, ...countsOf(await added.rerun()) };
}

function countsOf({ single_node, multi_node, changelog_metadata: _, ...checks }: Rerun) {
  const points = [single_node, multi_node].flatMap((byShape) => Object.values(byShape).flat());
  return {
    points: points.flatMap(({ conc }) => conc).length,
    checks: Object.values(checks).flat().length,
  };
}
