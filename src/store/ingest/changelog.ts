import type { Insertable } from 'kysely';
import { z } from 'zod';
import type { ChangelogEntryTable } from '../schema.ts';
import { sha256 } from './measured.ts';
import { isStorableText } from './storable.ts';

const entrySchema = z.looseObject({
  'config-keys': z.array(z.string()),
  /** One text, and no link, is how the oldest public entries are written. */
  description: z.union([z.array(z.string()), z.string()]),
  'pr-link': z.string().refine(isStorableText, 'has a character that a database cannot store').optional(),
});

/** The changelog metadata that the generator prints (contract §3). */
export const changelogSchema = z.looseObject({ entries: z.array(entrySchema) });

/** The place of an entry of which only the job that it started tells: after all that are known. */
export const unknownPosition = 2 ** 31 - 1;

/** Entries, ready for the store, with their places in perf-changelog.yaml where those are known. */
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
