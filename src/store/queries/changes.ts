import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { pointsWithIds, type StoredPoint } from './points.ts';

/** The latest measurement of a configuration at a concurrency, and the one before it. */
export interface StoredChange {
  readonly before: StoredPoint;
  readonly after: StoredPoint;
}

/** What was measured again since a time (ISO 8601), the newest first. */
export async function changesSince(db: Kysely<Schema>, since: string): Promise<StoredChange[]> {
  const pairs = await db
    .selectFrom('latest')
    .select(['latest.measurement_id as after', 'latest.measured_at'])
    .select((select) =>
      select
        .selectFrom('measurements')
        .select('measurements.id')
        .whereRef('measurements.configuration_id', '=', 'latest.configuration_id')
        .whereRef('measurements.conc', '=', 'latest.conc')
        .whereRef('measurements.measured_at', '<', 'latest.measured_at')
        .where('measurements.verdict', '!=', 'invalid')
        .orderBy('measurements.measured_at', 'desc')
        .limit(1)
        .as('before'),
    )
    .where('latest.measured_at', '>=', Date.parse(since))
    .orderBy('latest.measured_at', 'desc')
    .orderBy('latest.measurement_id')
    .execute();
  const again = pairs.flatMap(({ before, after }) => (before === null ? [] : [{ before, after }]));
  const points = await pointsWithIds(
    db,
    again.flatMap(({ before, after }) => [before, after]),
  );
  return again.flatMap(({ before, after }) => {
    const [earlier, later] = [points.get(before), points.get(after)];
    return earlier === undefined || later === undefined ? [] : [{ before: earlier, after: later }];
  });
}
