import type { Kysely } from 'kysely';
import { z } from 'zod';
import { unknownPosition } from '../ingest/changelog.ts';
import type { Schema } from '../schema.ts';

/** One entry of perf-changelog.yaml. */
export interface StoredChangelogEntry {
  readonly id: string;
  /** Position in the file, from 0; null if only the job that it started is known. */
  readonly position: number | null;
  readonly configKeys: readonly string[];
  readonly description: readonly string[];
  readonly prLink: string;
  /** ISO 8601; null if unknown. */
  readonly addedAt: string | null;
}

const texts = z.array(z.string());

/** Changelog entries, the last of the file first. */
export async function changelogEntries(db: Kysely<Schema>): Promise<StoredChangelogEntry[]> {
  const rows = await db
    .selectFrom('changelog_entries')
    .selectAll()
    .orderBy('position', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.key,
    position: row.position === unknownPosition ? null : row.position,
    configKeys: texts.parse(JSON.parse(row.config_keys)),
    description: texts.parse(JSON.parse(row.description)),
    prLink: row.pr_link,
    addedAt: row.added_at === null ? null : new Date(row.added_at).toISOString(),
  }));
}
