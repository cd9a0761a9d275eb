import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

interface Tables {
  readonly sweeps: { id: number; key: string; source: string; url: string | null };
  readonly measurements: { id: number; sweep_id: number };
  readonly evals: { id: number; sweep_id: number | null };
  readonly counts: { sweep_id: number; kind: string };
}

/**
 * A copied CI run had two ids: that of its points with the attempt, and that of its scores without it. It has
 * one now, without.
 */
export const onePublicRun: Migration = {
  up: async (all: Kysely<unknown>) => {
    const db = all as Kysely<Tables>;
    const sweeps = await db
      .selectFrom('sweeps')
      .select(['id', 'key', 'url'])
      .where('source', '=', 'public')
      .orderBy('id')
      .execute();
    for (const [key, runs] of Map.groupBy(sweeps, (run) => run.key.replace(/^(public-\d+)-\d+$/, '$1'))) {
      const [kept, ...others] = runs;
      if (kept === undefined || (others.length === 0 && kept.key === key)) continue;
      for (const { id } of others) {
        await db.updateTable('measurements').set({ sweep_id: kept.id }).where('sweep_id', '=', id).execute();
        await db.updateTable('evals').set({ sweep_id: kept.id }).where('sweep_id', '=', id).execute();
        await db.deleteFrom('counts').where('sweep_id', '=', id).execute();
        await db.deleteFrom('sweeps').where('id', '=', id).execute();
      }
      const url = kept.url === null ? null : kept.url.replace(/\/attempts\/\d+\/?$/, '');
      await db.updateTable('sweeps').set({ key, url }).where('id', '=', kept.id).execute();
      if (others.length > 0) await countAgain(db, kept.id);
    }
  },
};

async function countAgain(db: Kysely<Tables>, id: number): Promise<void> {
  await db.deleteFrom('counts').where('sweep_id', '=', id).where('kind', '=', 'measurement').execute();
  await sql`
    insert into counts (sweep_id, kind, hw, framework, outcome, failure_class, count)
    select sweep_id, 'measurement', coalesce(hw, ''), coalesce(framework, ''), verdict, '', count(*)
    from measurements left join configurations on configurations.id = configuration_id where sweep_id = ${id}
    group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), verdict`.execute(db);
}
