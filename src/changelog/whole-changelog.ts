import type { z } from 'zod';
import type { YamlReading } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { Changelog, type LocatedEntry, type WrittenEntry } from './changelog-file.ts';
import type { ChangelogEntry } from './entry.ts';
import { type ChangeFile, folderAtRef, folderOf } from './folder.ts';
import { fileAtRef } from './git.ts';

/** A changelog file of a repository, by its path from the root. */
export interface ChangelogLocation {
  readonly repository: string;
  readonly file: string;
}

interface ChangelogAtRef extends ChangelogLocation {
  readonly ref: string;
}

/** What is in a changelog file at a ref, and in the files of its folder in the order in which they were merged. */
export async function changelogAtRef({ repository, file, ref }: ChangelogAtRef): Promise<ChangeFile[]> {
  const [text, files] = await Promise.all([
    fileAtRef(repository, ref, file),
    folderAtRef(repository, ref, folderOf(file)),
  ]);
  return [{ file, text }, ...files];
}

/** A changelog file, and after it the files of its folder, each with the entries of one change. */
export class WholeChangelog {
  /** The changelog file itself, and what is in it. */
  readonly file: string;
  readonly text: string;
  readonly entries: readonly WrittenEntry[];
  readonly #parts: readonly Changelog[];

  private constructor({ file, text }: ChangeFile, parts: readonly Changelog[]) {
    this.file = file;
    this.text = text;
    this.#parts = parts;
    this.entries = parts.flatMap(({ entries }) => entries);
  }

  /** How many files its folder has. */
  get files(): number {
    return this.#parts.length - 1;
  }

  /** Reads texts, the first of which is the changelog file. Throws InputError for one that is not a YAML list. */
  static async of(texts: readonly ChangeFile[], reading: YamlReading = {}): Promise<WholeChangelog> {
    const parts = await Promise.all(texts.map(({ file, text }) => Changelog.parse(file, text, reading)));
    const [own] = texts;
    if (own === undefined) throw new Error('a changelog has a file');
    return new WholeChangelog(own, parts);
  }

  /** These entries, checked; throws InputError with every problem of them and its place. */
  check(entries: readonly WrittenEntry[] = this.entries, schema?: z.ZodType<ChangelogEntry>): LocatedEntry[] {
    const problems: Problem[] = [];
    const checked = this.#parts.flatMap((part) => {
      try {
        return part.check(entries, schema);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        problems.push(...error.problems);
        return [];
      }
    });
    if (problems.length > 0) throw new InputError(problems, undefined, { code: 'bad-changelog' });
    return checked;
  }
}
