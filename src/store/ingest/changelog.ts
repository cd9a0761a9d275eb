import type { Insertable } from 'kysely';
import { z } from 'zod';
import type { ChangelogEntryTable } from '../schema.ts';
import { sha256 } from './measured.ts';
import { isStorableText } from './storable.ts';

const entrySchema = z.looseObject({
  'config-keys': z.array(z.string()),
  /** The oldest public entries have a single text and no link. */
  description: z.union([z.array(z.string()), z.string()]),
  'pr-link': z.string().refine(isStorableText, 'has a character that a database cannot store').optional(),
});

/** Changelog metadata as printed by the generator (contract §3). */
export const changelogSchema = z.looseObject({ entries: z.array(entrySchema) });

/** The position of an entry that is known only from its job; it sorts after all known positions. */
export const unknownPosition = 2 ** 31 - 1;

/** Changelog entries for the store, with their positions in perf-changelog.yaml if known. */
export function incomingChangelog(
  entries: readonly z.infer<typeof entrySchema>[],
  positionOf: (index: number) => number = () => unknownPosition,
): Insertable<ChangelogEntryTable>[] {
  return entries.map((entry, index) => {
    const { description, 'pr-link': link = '' } = entry;
    const values = {
      config_keys: JSON.stringify(entry['config-keys']),
      description: JSON.stringify(typeof description === 'string' ? [description] : description),
      pr_link: link,
    };
    return { key: sha256(JSON.stringify(Object.values(values))), position: positionOf(index), ...values };
  });
}
