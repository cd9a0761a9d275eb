import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { isPostgresUrl, postgresDialect } from '../../src/store/postgres.ts';
import type { Schema } from '../../src/store/schema.ts';
import { sqliteDialect } from '../../src/store/sqlite.ts';
import { storeIn } from '../../src/store/store.ts';
import { randomNumbers } from '../../test/support/synthetic-results.ts';
import { dashboardQueries } from './queries.ts';

/** Stores the plan of every statement that the dashboard's queries send, one file per database and size. */
export async function explainQueries(location: string, folder: string, points: number): Promise<void> {
  const isPostgres = isPostgresUrl(location);
  const dialect = isPostgres ? postgresDialect(location) : await sqliteDialect(location);
  const sent: { readonly sql: string; readonly parameters: readonly unknown[] }[] = [];
  const db = new Kysely<Schema>({
    dialect,
    log: ({ query, level }) => {
      if (level === 'query' && /^(select|with)/.test(query.sql)) sent.push(query);
    },
  });
  try {
    const queries = await dashboardQueries(storeIn(db, location), randomNumbers(2));
    const sections: string[] = [];
    for (const { name, run } of queries) {
      sent.length = 0;
      await run();
      // Statements that are repeated for parts of the data have the same plan each time.
      const statements = new Map(sent.toReversed().map((statement) => [statement.sql, statement]));
      for (const statement of [...statements.values()].toReversed())
        sections.push(`-- ${name}\n${await planOf(db, statement, isPostgres)}`);
    }
    const file = join(folder, `${isPostgres ? 'postgres' : 'sqlite'}-${points}.txt`);
    await mkdir(folder, { recursive: true });
    await writeFile(file, `${sections.join('\n\n')}\n`);
    console.log(`  plans: ${file}`);
  } finally {
    await db.destroy();
  }
}

/** Some conditions contain a list of hundreds of ids. */
const longestLine = 300;

async function planOf(
  db: Kysely<Schema>,
  statement: { readonly sql: string; readonly parameters: readonly unknown[] },
  isPostgres: boolean,
): Promise<string> {
  const prefix = isPostgres ? 'explain (analyze, buffers, timing off) ' : 'explain query plan ';
  const { rows } = await db.executeQuery<Record<string, unknown>>({
    ...sql`select`.compile(db),
    sql: `${prefix}${statement.sql}`,
    parameters: statement.parameters,
  });
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN']).slice(0, longestLine)).join('\n');
}
