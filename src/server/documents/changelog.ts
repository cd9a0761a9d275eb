import { z } from 'zod';
import { matchesPattern } from '../../config/index.ts';
import type { ConfigIdentity } from '../../identity/index.ts';
import type { StoredChangelogEntry } from '../../store/index.ts';
import type { Knowledge } from '../knowledge.ts';
import { publicLink } from '../privacy.ts';
import { documentKind, theOne } from './document.ts';

export const changelogEntry = z.object({
  /** As in the file: wildcards are allowed. */
  configKeys: z.array(z.string()),
  description: z.array(z.string()),
  /** Null if the entry has no link. */
  prLink: z.string().nullable(),
  /** When it was added, ISO 8601; null if unknown. */
  addedAt: z.iso.datetime().nullable(),
});

/** `changelog`: which configs were requested to be re-measured, and why; newest first. */
export const changelogDocument = z.object({ entries: z.array(changelogEntry) });

export const changelogKind = documentKind({
  path: 'changelog',
  summary: 'What was requested to be re-measured, and why; newest first.',
  schema: changelogDocument,
  all: theOne,
  build: async ({ store }) => ({ entries: (await store.changelog()).map(entryOf) }),
});

/** The changelog entries whose configs have such points, newest first. */
export async function entriesFor(
  knowledge: Knowledge,
  points: ConfigIdentity,
): Promise<z.infer<typeof changelogEntry>[]> {
  const entries = await knowledge.store.changelog();
  return entries.filter(namesConfigOf(knowledge, points)).map(entryOf);
}

/** Returns a predicate for whether a changelog entry matches a config that has such points. */
export function namesConfigOf({ configs }: Knowledge, points: ConfigIdentity) {
  const keys = [...configs]
    .filter(
      ([, config]) =>
        config.modelPrefix === points.modelPrefix &&
        config.precision === points.precision &&
        config.framework === points.framework &&
        config.hw === points.hw,
    )
    .map(([key]) => key);
  return ({ configKeys }: StoredChangelogEntry): boolean =>
    configKeys.some((pattern) => keys.some((key) => matchesPattern(pattern, key)));
}

/** Converts a stored changelog entry into its public form. */
export function entryOf({ configKeys, description, prLink, addedAt }: StoredChangelogEntry) {
  return {
    configKeys: [...configKeys],
    description: [...description],
    prLink: publicLink(prLink) ?? null,
    addedAt,
  };
}
