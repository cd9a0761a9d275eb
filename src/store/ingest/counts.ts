import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import type { IncomingMeasurement } from './incoming.ts';

/**
 * Counts how many measurements of each verdict a part of a sweep adds, or changes by adding their raw
 * results.
 */
export class VerdictCounts {
  readonly #changes = new Map<string, { hw: string; framework: string; outcome: string; count: number }>();

  add({ configuration }: Pick<IncomingMeasurement, 'configuration'>, verdict: string, count: number): void {
    const { hw = '', framework = '' } = configuration ?? {};
    const place = JSON.stringify([hw, framework, verdict]);
    const change = this.#changes.get(place) ?? { hw, framework, outcome: verdict, count: 0 };
    change.count += count;
    this.#changes.set(place, change);
  }

  async write(db: Kysely<Schema>, sweepId: () => Promise<number>): Promise<void> {
    for (const change of this.#changes.values()) {
      if (change.count === 0) continue;
      await db
        .insertInto('counts')
        .values({ sweep_id: await sweepId(), kind: 'measurement', failure_class: '', ...change })
        .onConflict((conflict) =>
          conflict
            .columns(['sweep_id', 'kind', 'hw', 'framework', 'outcome', 'failure_class'])
            .doUpdateSet({ count: sql`counts.count + excluded.count` }),
        )
        .execute();
    }
  }
}

/** Recounts a sweep's measurements after some were removed. */
export async function countMeasurements(db: Kysely<Schema>, sweepId: number): Promise<void> {
  await db.deleteFrom('counts').where('sweep_id', '=', sweepId).where('kind', '=', 'measurement').execute();
  await sql`
    insert into counts (sweep_id, kind, hw, framework, outcome, failure_class, count)
    select sweep_id, 'measurement', coalesce(hw, ''), coalesce(framework, ''), verdict, '', count(*)
    from measurements left join configurations on configurations.id = configuration_id where sweep_id = ${sweepId}
    group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), verdict`.execute(db);
}

/** Recounts a sweep's attempts and engine starts, whose outcomes change while it runs. */
export async function countAttempts(db: Kysely<Schema>, sweepId: number): Promise<void> {
  await db
    .deleteFrom('counts')
    .where('sweep_id', '=', sweepId)
    .where('kind', 'in', ['attempt', 'start'])
    .execute();
  const columns = sql`sweep_id, kind, hw, framework, outcome, failure_class, count`;
  await sql`
    insert into counts (${columns})
    select sweep_id, 'attempt', coalesce(hw, ''), coalesce(framework, ''), outcome, coalesce(failure_class, ''), count(*)
    from attempts left join configurations on configurations.id = configuration_id where sweep_id = ${sweepId}
    group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), outcome, coalesce(failure_class, '')`.execute(
    db,
  );
  await sql`
    insert into counts (${columns})
    select sweep_id, 'start', hw, framework, outcome, coalesce(failure_class, ''), count(*)
    from engine_sessions where sweep_id = ${sweepId}
    group by sweep_id, hw, framework, outcome, coalesce(failure_class, '')`.execute(db);
}
