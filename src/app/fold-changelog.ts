import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomically } from '../atomic-file.ts';
import {
  appended,
  type ChangelogLocation,
  folderOf,
  hasEntries,
  inOrderOfMerge,
  isOpenLink,
  pathsByAddition,
  StrictChangelog,
  topOf,
} from '../changelog/index.ts';
import { InputError } from '../errors.ts';
import { bytesOfNamed, longestNamed } from '../named-file.ts';

/** Files that were folded into a changelog, in order, and how many entries they had. */
export interface Folded {
  readonly files: readonly string[];
  readonly entries: number;
}

/**
 * Appends the entries of the folder's files to the changelog, in the order in which they were merged, and removes the
 * files. After a crash in between, entries that the changelog has already are not appended again. Throws InputError, and
 * changes nothing, for a file that breaks a rule or whose link is not known yet.
 */
export async function foldChangelog({ repository, file }: ChangelogLocation): Promise<Folded> {
  const top = await topOf(repository);
  const folder = folderOf(file);
  const found = await readdir(join(top, folder)).catch((): string[] => []);
  const paths = found.filter(hasEntries).map((name) => ({ file: `${folder}/${name}` }));
  if (paths.length === 0) return { files: [], entries: 0 };
  const ordered = inOrderOfMerge(paths, await pathsByAddition(top, 'HEAD', folder));
  const read = async (path: string) =>
    await StrictChangelog.parse(path, await bytesOfNamed(join(top, path), longestNamed));
  const changelog = await read(file).catch(async (error: unknown) => {
    if ((await readdir(top)).includes(file)) throw error;
    return await StrictChangelog.parse(file, new Uint8Array());
  });
  const parts = await Promise.all(ordered.map(({ file: path }) => read(path)));
  for (const part of parts) refuseOpenLinks(part);
  const isNew = ({ entry }: StrictChangelog['entries'][number]) =>
    !changelog.entries.some((old) => isDeepStrictEqual(old.entry, entry));
  const added = parts.flatMap(({ entries }) => entries).filter(isNew);
  const text = appended(
    changelog.text,
    added.map((entry) => entry.text),
  );
  await StrictChangelog.parse(file, Buffer.from(text));
  if (added.length > 0) await writeFileAtomically(join(top, file), text);
  for (const { file: path } of ordered) await rm(join(top, path));
  await rmdir(join(top, folder)).catch(() => undefined);
  return { files: ordered.map(({ file: path }) => path), entries: added.length };
}

function refuseOpenLinks({ file, entries }: StrictChangelog): void {
  const open = entries.find(({ link }) => isOpenLink(link));
  if (open === undefined) return;
  throw new InputError([
    {
      code: 'bad-changelog',
      file,
      line: open.line,
      message: `the link is still '${open.link}'`,
      hint: 'write the address of its pull request, as `inferencemax changelog canonicalize` does before a merge',
    },
  ]);
}
