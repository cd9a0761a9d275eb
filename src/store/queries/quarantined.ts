import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** A file that could not be stored. */
export interface StoredQuarantine {
  readonly id: string;
  /** The path that was ingested. */
  readonly source: string;
  readonly file: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  readonly bytes: number;
}

/** Quarantined files, newest first. */
export async function quarantined(db: Kysely<Schema>): Promise<StoredQuarantine[]> {
  const rows = await db
    .selectFrom('quarantine')
    .select(['key', 'source', 'file', 'reason', 'at', 'bytes'])
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ key, at, ...rest }) => ({ id: key, at: new Date(at).toISOString(), ...rest }));
}
