import { z } from 'zod';
import { matchesPattern } from '../../config/index.ts';
import type { ConfigIdentity } from '../../identity/index.ts';
import type { StoredChangelogEntry } from '../../store/index.ts';
import type { Knowledge } from '../knowledge.ts';
import { publicLink } from '../privacy.ts';
import { documentKind, theOne } from './document.ts';

export const changelogEntry = z.object({
  /** As written: wildcards allowed. */
  configKeys: z.array(z.string()),
  description: z.array(z.string()),
  /** null where the entry has none. */
  prLink: z.string().nullable(),
  /** When it was added, ISO 8601; null where that is not known. */
  addedAt: z.iso.datetime().nullable(),
});

/** `changelog`: what was asked to be measured again, and why; newest first. */
export const changelogDocument = z.object({ entries: z.array(changelogEntry) });

export const changelogKind = documentKind({
  path: 'changelog',
  summary: 'What was requested to be re-measured, and why; newest first.',
  schema: changelogDocument,
  all: theOne,
  build: async ({ store }) => ({ entries: (await store.changelog()).map(entryOf) }),
});

/** The entries that name a config whose points are of this kind, newest first. */
export async function entriesFor(
  knowledge: Knowledge,
  points: ConfigIdentity,
): Promise<z.infer<typeof changelogEntry>[]> {
  const entries = await knowledge.store.changelog();
  return entries.filter(namesConfigOf(knowledge, points)).map(entryOf);
}

/** Whether an entry names a config whose points are of this kind. */
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

export function entryOf({ configKeys, description, prLink, addedAt }: StoredChangelogEntry) {
  return {
    configKeys: [...configKeys],
    description: [...description],
    prLink: publicLink(prLink) ?? null,
    addedAt,
  };
}
