import { z } from 'zod';
import { parseYamlAs } from '../config/index.ts';

const text = z.string().min(1, 'expected a text, found an empty one');

const entry = z.strictObject({
  'config-keys': z.array(text).min(1, 'expected at least one config key'),
  description: z.array(text).min(1, 'expected at least one sentence'),
  'pr-link': text,
});

/** The schema of perf-changelog.yaml (contract §3): a list that only ever grows. */
export const changelogSchema = z.array(entry);

/** One change: which configs it asks to be measured again, and why. */
export type ChangelogEntry = z.infer<typeof entry>;

/** An entry and the line, from 1, on which it begins. */
export interface LocatedEntry {
  readonly entry: ChangelogEntry;
  readonly line: number;
}

/** Parses a changelog; nothing but comments is an empty one. Throws InputError with every problem and its place. */
export function parseChangelog(file: string, content: string): LocatedEntry[] {
  const { yaml, data } = parseYamlAs(file, content, changelogSchema.nullable());
  return (data ?? []).map((value, index) => ({ entry: value, line: yaml.locate([index]).line ?? 1 }));
}
