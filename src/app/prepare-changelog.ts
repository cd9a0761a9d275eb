import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import {
  bytesAtRef,
  type ChangelogChange,
  type ChangelogLocation,
  canonicalized,
  filesAtRef,
  folderOf,
  hasEntries,
  type PullRequest,
  pathFromRoot,
  resolved,
  StrictChangelog,
  sidesOfConflict,
  topOf,
} from '../changelog/index.ts';
import { bytesOfNamed, longestNamed } from '../named-file.ts';

/**
 * Writes the link of a pull request into what its branch adds to the changelog, and returns the files that changed.
 * Throws InputError, and writes nothing, if the branch may not be merged.
 */
export async function canonicalizeChangelog(
  { repository, file: named, baseRef }: ChangelogLocation & { readonly baseRef: string },
  pull: PullRequest,
): Promise<string[]> {
  const file = await pathFromRoot(repository, named);
  const base = await StrictChangelog.parse(
    `${file} (${baseRef})`,
    await bytesAtRef(repository, baseRef, file),
  );
  const top = await topOf(repository);
  const added = (await newFiles(top, baseRef, folderOf(file))).filter((path) => path !== file);
  const empty = await StrictChangelog.parse(file, new Uint8Array());
  const prepared = [];
  // A repository may have all its entries in files of the folder.
  if (base.text !== '' || added.length === 0 || existsSync(join(top, file))) {
    const branch = await StrictChangelog.parse(file, await bytesOf(top, file));
    prepared.push({ path: file, before: branch.text, text: canonicalized(base, branch, pull) });
  }
  for (const path of added) {
    const own = await StrictChangelog.parse(path, await bytesOf(top, path));
    prepared.push({ path, before: own.text, text: canonicalized(empty, own, pull) });
  }
  const changed = prepared.filter(({ before, text }) => text !== before);
  for (const { path, text } of changed) await writeFileAtomically(join(top, path), text);
  return changed.map(({ path }) => path);
}

/** Writes the changelog that resolves its conflict. Throws InputError if it must be merged by hand. */
export async function resolveChangelog(
  { repository, file: named }: ChangelogLocation,
  pull: PullRequest,
): Promise<string[]> {
  const file = await pathFromRoot(repository, named);
  const { base, ours, theirs } = await sidesOfConflict(repository, file);
  const sides = {
    base: await StrictChangelog.parse(`${file} (common base)`, base),
    branch: await StrictChangelog.parse(`${file} (branch)`, ours),
    main: await StrictChangelog.parse(`${file} (main branch)`, theirs),
  };
  const text = resolved(sides, pull);
  await writeFileAtomically(join(await topOf(repository), file), text);
  return [file];
}

/** The files of the folder that a ref does not have. */
async function newFiles(top: string, ref: string, folder: string): Promise<string[]> {
  const names = await readdir(join(top, folder)).catch((): string[] => []);
  const known = await filesAtRef(top, ref, folder);
  return names
    .filter((name) => hasEntries(name) && !known.has(name))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

async function bytesOf(top: string, path: string): Promise<Buffer> {
  return await bytesOfNamed(join(top, path), longestNamed);
}

/** The files of the folder that a change adds, as they are after it. */
export async function newFilesAtRef({
  repository,
  file,
  base,
  head,
}: ChangelogChange): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const folder = folderOf(file);
  const [before, after] = await Promise.all([base, head].map((ref) => filesAtRef(repository, ref, folder)));
  const names = [...(after?.keys() ?? [])].filter((name) => hasEntries(name) && before?.has(name) !== true);
  return await Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      return { path, bytes: await bytesAtRef(repository, head, path) };
    }),
  );
}
