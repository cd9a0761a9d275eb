import { existsSync } from 'node:fs';
import type { Insertable, Kysely } from 'kysely';
import { InputError } from '../../errors.ts';
import type { Schema, SweepTable } from '../schema.ts';

/**
 * Writes a sweep or updates it: known facts are never replaced, except the state and a location that no
 * longer exists. Throws InputError if the sweep is known to be of another commit.
 */
export async function writeSweep(db: Kysely<Schema>, sweep: Insertable<SweepTable>): Promise<number> {
  const known = await db
    .selectFrom('sweeps')
    .select(['id', 'state', 'planned', 'git_sha', 'git_ref', 'url', 'location'])
    .where('key', '=', sweep.key)
    .executeTakeFirst();
  if (known === undefined) {
    const { id } = await db.insertInto('sweeps').values(sweep).returning('id').executeTakeFirstOrThrow();
    return id;
  }
  if (!isSameCommit(known.git_sha, sweep.git_sha ?? null)) {
    throw new InputError(
      `sweep ${sweep.key} measured commit ${known.git_sha}, not ${sweep.git_sha}`,
      'use another sweep id, or none: measurements of two commits are two sweeps',
    );
  }
  await db
    .updateTable('sweeps')
    .set({
      // Artifacts of a run, and an unreadable journal, do not tell how it ended.
      state: sweep.state === 'unknown' ? known.state : sweep.state,
      planned: sweep.planned ?? known.planned,
      git_sha: known.git_sha ?? sweep.git_sha ?? null,
      git_ref: known.git_ref ?? sweep.git_ref ?? null,
      url: known.url ?? sweep.url ?? null,
      location: placeToKeep(known.location, sweep.location ?? null),
    })
    .where('id', '=', known.id)
    .execute();
  return known.id;
}

/** Whether two commit ids, either of which may be abbreviated, can be the same commit. */
function isSameCommit(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return true;
  return a.startsWith(b) || b.startsWith(a);
}

/**
 * The first location where a sweep's files were found, until only another one exists. Archives and uploads
 * have no location.
 */
function placeToKeep(known: string | null, found: string | null): string | null {
  if (known === null || found === null) return known ?? found;
  return !existsSync(known) && existsSync(found) ? found : known;
}
