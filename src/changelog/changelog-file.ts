import { z } from 'zod';
import { parseYamlAs, problemsOf, type YamlFile } from '../config/index.ts';
import { InputError } from '../errors.ts';

const text = z.string().min(1, 'expected a text, found an empty one');

/** A block of text without the newline that ends its last line, as the public tool reads the end of a file. */
const block = text.overwrite((value) => value.replace(/\n$/, ''));
const sentences = z.array(text).min(1, 'expected at least one sentence');

/** What a page makes a link of. */
const link = text.regex(/^https?:\/\/\S+$/, 'expected an https:// address');

const entry = z.strictObject({
  'config-keys': z.array(text).min(1, 'expected at least one config key'),
  /** One text, and no link, is how the oldest public entries are written. */
  description: z.union([sentences, block], { error: 'expected a list of sentences' }),
  'pr-link': text.exactOptional(),
});

/** Today's form, which new entries are written in. */
export const newEntrySchema = z.strictObject({ ...entry.shape, description: sentences, 'pr-link': link });

/** The schema of perf-changelog.yaml (contract §3): a list that only ever grows. */
export const changelogSchema = z.array(entry);

/** One change: which configs it asks to be measured again, and why. */
export type ChangelogEntry = z.infer<typeof entry>;

/** An entry as it is written, whatever is in it: old entries may be of an older form. */
export interface WrittenEntry {
  readonly value: unknown;
  /** Its place in the list, from 0. */
  readonly index: number;
  /** The line, from 1, on which it begins. */
  readonly line: number;
}

/** An entry that is what the schema says. */
export interface LocatedEntry {
  readonly entry: ChangelogEntry;
  readonly line: number;
}

/** A changelog whose entries are not checked yet. */
export class Changelog {
  readonly entries: readonly WrittenEntry[];
  readonly #yaml: YamlFile;

  private constructor(yaml: YamlFile, values: readonly unknown[]) {
    this.#yaml = yaml;
    this.entries = values.map((value, index) => ({ value, index, line: yaml.locate([index]).line ?? 1 }));
  }

  /** Nothing but comments is an empty changelog; throws InputError for what is no YAML list. */
  static async parse(file: string, content: string): Promise<Changelog> {
    const { data, located } = await parseYamlAs(file, content, z.array(z.unknown()).nullable());
    return new Changelog(await located(), data ?? []);
  }

  /** These entries, checked; throws InputError with every problem of them and its place. */
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
