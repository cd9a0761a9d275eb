import { z } from 'zod';
import { parseYamlAs, problemsOf, type YamlFile, type YamlReading } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { type ChangelogEntry, entrySchema } from './entry.ts';

/** An entry as written, without validation: old entries may have an older form. */
export interface WrittenEntry {
  readonly value: unknown;
  readonly file: string;
  /** Its place in the list of its file, from 0. */
  readonly index: number;
  /** The line, from 1, on which it begins. */
  readonly line: number;
}

/** An entry that is what the schema says. */
export interface LocatedEntry {
  readonly entry: ChangelogEntry;
  readonly file: string;
  readonly line: number;
}

/** A changelog whose entries are not checked yet. */
export class Changelog {
  readonly file: string;
  readonly entries: readonly WrittenEntry[];
  readonly #yaml: YamlFile;

  private constructor(yaml: YamlFile, values: readonly unknown[]) {
    this.#yaml = yaml;
    this.file = yaml.file;
    this.entries = values.map((value, index) => ({
      value,
      file: yaml.file,
      index,
      line: yaml.locate([index]).line ?? 1,
    }));
  }

  /** Parses a changelog; a file with comments only is empty. Throws InputError if it is not a YAML list. */
  static async parse(file: string, content: string, reading: YamlReading = {}): Promise<Changelog> {
    const list = z.array(z.unknown()).nullable();
    const { data, located } = await parseYamlAs(file, content, list, reading);
    return new Changelog(await located(), data ?? []);
  }

  /** Its entries that are among these, checked; throws InputError with every problem of them and its place. */
  check(
    entries: readonly WrittenEntry[] = this.entries,
    schema: z.ZodType<ChangelogEntry> = entrySchema,
  ): LocatedEntry[] {
    const issues: z.core.$ZodIssue[] = [];
    const own = this.entries.filter((entry) => entries.includes(entry));
    const checked = own.flatMap(({ value, index, file, line }) => {
      const parsed = schema.safeParse(value, { reportInput: true });
      if (parsed.success) return [{ entry: parsed.data, file, line }];
      issues.push(...parsed.error.issues.map((issue) => ({ ...issue, path: [index, ...issue.path] })));
      return [];
    });
    if (issues.length > 0)
      throw new InputError(problemsOf(this.#yaml, z.array(schema), new z.ZodError(issues)), undefined, {
        code: 'bad-changelog',
      });
    return checked;
  }
}
