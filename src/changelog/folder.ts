import { sha256OfText } from '../sha256.ts';
import type { NewEntry } from './entry.ts';
import { filesAtRef, pathsByAddition } from './git.ts';

/** The folder beside a changelog with one file for each change, such as `perf-changelog.d`. */
export function folderOf(changelogFile: string): string {
  return `${changelogFile.replace(/\.ya?ml$/, '')}.d`;
}

/** Whether a name is that of a file with entries. */
export function hasEntries(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.');
}

/**
 * The file that an entry gets: its name is made of the first config key, for people, and of the entry as a whole, so that
 * the files of two changes never have one name.
 */
export function changeFileFor(folder: string, entry: NewEntry): string {
  const [key = ''] = entry['config-keys'];
  const name = key
    .replaceAll(/[^a-zA-Z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
  return `${folder}/${name === '' ? 'change' : name}-${sha256OfText(JSON.stringify(entry)).slice(0, 8)}.yaml`;
}

/** A file with the entries of one change. */
export interface ChangeFile {
  readonly file: string;
  readonly text: string;
}

/** The files of the folder at a ref, in the order in which they were merged; of one merge, by name. */
export async function folderAtRef(repository: string, ref: string, folder: string): Promise<ChangeFile[]> {
  const texts = await filesAtRef(repository, ref, folder);
  const names = [...texts.keys()].filter(hasEntries);
  if (names.length === 0) return [];
  const files = names.map((name) => ({ file: `${folder}/${name}`, text: texts.get(name) ?? '' }));
  return inOrderOfMerge(files, await pathsByAddition(repository, ref, folder));
}

/** Files in the order of these paths, and after them by name what is not among them, such as what is not committed yet. */
export function inOrderOfMerge<File extends { readonly file: string }>(
  files: readonly File[],
  merged: readonly string[],
): File[] {
  const places = new Map(merged.map((path, index) => [path, index]));
  const placeOf = ({ file }: File) => places.get(file) ?? merged.length;
  return files.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.file < b.file ? -1 : 1));
}
