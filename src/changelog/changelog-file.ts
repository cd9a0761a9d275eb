import { z } from 'zod';
import { parseYamlAs, problemsOf, type YamlFile } from '../config/index.ts';
import { InputError } from '../errors.ts';

const text = z.string().min(1, 'expected a text, found an empty one');

/** A text block without its final newline, like the public tool reads the end of a file. */
const block = text.overwrite((value) => value.replace(/\n$/, ''));
const sentences = z.array(text).min(1, 'expected at least one sentence');

/** The URL that pages link to. */
const link = text.regex(/^https?:\/\/\S+$/, 'expected an https:// address');

const entry = z.strictObject({
  'config-keys': z.array(text).min(1, 'expected at least one config key'),
  /** The oldest public entries have a single text and no link. */
  description: z.union([sentences, block], { error: 'expected a list of sentences' }),
  'pr-link': text.exactOptional(),
});

/** The current form, for new entries. */
export const newEntrySchema = z.strictObject({ ...entry.shape, description: sentences, 'pr-link': link });

/** The schema of perf-changelog.yaml (contract §3): an append-only list. */
export const changelogSchema = z.array(entry);

/** One change: the configs to measure again, and the reason. */
export type ChangelogEntry = z.infer<typeof entry>;

/** An entry as written, without validation: old entries may have an older form. */
export interface WrittenEntry {
  readonly value: unknown;
  /** Its position in the list, from 0. */
  readonly index: number;
  /** The line on which it starts, from 1. */
  readonly line: number;
}

/** A validated entry. */
export interface LocatedEntry {
  readonly entry: ChangelogEntry;
  readonly line: number;
}

/** A changelog whose entries are not validated yet. */
export class Changelog {
  readonly entries: readonly WrittenEntry[];
  readonly #yaml: YamlFile;

  private constructor(yaml: YamlFile, values: readonly unknown[]) {
    this.#yaml = yaml;
    this.entries = values.map((value, index) => ({ value, index, line: yaml.locate([index]).line ?? 1 }));
  }

  /** Parses a changelog; a file with only comments is empty. Throws InputError if it is not a YAML list. */
  static async parse(file: string, content: string): Promise<Changelog> {
    const { data, located } = await parseYamlAs(file, content, z.array(z.unknown()).nullable());
    return new Changelog(await located(), data ?? []);
  }

  /** Validates entries; throws InputError with all problems and their positions. */
  check(entries: readonly WrittenEntry[] = this.entries): LocatedEntry[] {
    const issues: z.core.$ZodIssue[] = [];
    const checked = entries.flatMap(({ value, index, line }) => {
      const parsed = entry.safeParse(value, { reportInput: true });
      if (parsed.success) return [{ entry: parsed.data, line }];
      issues.push(...parsed.error.issues.map((issue) => ({ ...issue, path: [index, ...issue.path] })));
      return [];
    });
    if (issues.length > 0)
      throw new InputError(problemsOf(this.#yaml, changelogSchema, new z.ZodError(issues)));
    return checked;
  }
}
