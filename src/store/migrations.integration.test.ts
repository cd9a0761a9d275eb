import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachStore } from '../../test/support/each-store.ts';
import { benchmarkRow, evaluationRow, runUrl } from '../../test/support/public-api.ts';
import { resultFilename, type SyntheticPoint } from '../../test/support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { pointOf, scoreOf } from '../public/rows.ts';
import { type CopiedRun, openStore, publicSource } from './index.ts';
import { migrations } from './migrations/index.ts';
import { isPostgresUrl, postgresDialect } from './postgres.ts';
import { sqliteDialect } from './sqlite.ts';

const dialect = async (location: string) =>
  isPostgresUrl(location) ? postgresDialect(location) : await sqliteDialect(location);

describeEachStore('a store of an older version', (newStore) => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'old-run-'));
    await writeSweepFiles(directory, { ...someSweep, change });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const change = (raw: Record<string, unknown>, index: number) =>
    index === 2 ? { ...raw, fidelity: { verdict: 'invalid', reasons: ['too late'] } } : raw;
  const [one, two, invalid] = someSweep.points as [SyntheticPoint, SyntheticPoint, SyntheticPoint];

  /** A store as written by that version, with the run of `writeSweepFiles`. */
  async function olderStore(version: '0001' | '0002'): Promise<string> {
    const location = await newStore();
    const db = new Kysely<Record<string, never>>({ dialect: await dialect(location) });
    const schema = await readFile(new URL(`testdata/store-${version}.sql`, import.meta.url), 'utf8');
    for (const statement of schema.split(';\n')) {
      if (statement.trim() !== '') await sql.raw(statement).execute(db);
    }
    await sql`insert into sweeps values (${someSweep.sweepId}, ${new Date(someSweep.at).toISOString()}, 'run')`.execute(
      db,
    );
    for (const point of version === '0001' ? [one, two] : [one, two, invalid]) {
      const name = `${resultFilename(point)}.json`;
      const text = await readFile(join(directory, 'raw', name), 'utf8');
      const id = createHash('sha256').update(text).digest('hex');
      const at = new Date(someSweep.at).toISOString();
      if (version === '0002') {
        const [verdict, reasons] = point === invalid ? ['invalid', '["too late"]'] : ['valid', '[]'];
        await sql`insert into measurements values (${id}, ${someSweep.sweepId}, ${at}, ${verdict}, ${reasons}, ${text})`.execute(
          db,
        );
      }
      if (point === invalid) continue;
      const row = JSON.stringify(JSON.parse(await readFile(join(directory, 'agg', `agg_${name}`), 'utf8')));
      const values = sql`${id}, ${someSweep.sweepId}, ${at}, ${point.hw}, ${point.framework}, ${point.precision},
        ${point.modelPrefix}, 'none', ${point.isl}, ${point.osl}, ${point.conc}, '{}', 'valid', ${row}`;
      await (version === '0001'
        ? sql`insert into points values (${values}, ${text})`.execute(db)
        : sql`insert into points values (${values})`.execute(db));
    }
    await db.destroy();
    return location;
  }

  test.each(['0001', '0002'] as const)(
    'of %s keeps everything, and ingesting the same run again adds nothing',
    async (version) => {
      const store = await openStore(await olderStore(version));
      try {
        const before = await store.latestPoints();
        const rows = [one, two].map(async (point) =>
          JSON.parse(await readFile(join(directory, 'agg', `agg_${resultFilename(point)}.json`), 'utf8')),
        );
        expect(before.map(({ row }) => row)).toEqual(await Promise.all(rows));
        const raw = JSON.parse(await readFile(join(directory, 'raw', `${resultFilename(one)}.json`), 'utf8'));
        expect((await store.measurement(before[0]?.id ?? ''))?.raw).toEqual(raw);
        const added = version === '0001' ? 1 : 0;
        expect(await store.ingestRun(directory)).toMatchObject({
          added,
          unchanged: 3 - added,
          quarantined: [],
        });
        const after = await store.latestPoints();
        expect(after.map(({ id, configurationId }) => [id, configurationId])).toEqual(
          before.map(({ id, configurationId }) => [id, configurationId]),
        );
      } finally {
        await store.close();
      }
    },
  );

  /** A store as written by commit f9f169f: two runs, one of them multi-node. */
  async function storeOf0006(): Promise<string> {
    const location = await newStore();
    const db = new Kysely<Record<string, never>>({ dialect: await dialect(location) });
    const dump = await readFile(new URL('testdata/store-0006.sql', import.meta.url), 'utf8');
    const statements = dump.split(';\n').filter((statement) => statement.trim() !== '');
    if (isPostgresUrl(location)) {
      // The dump is from SQLite: create its tables with the same migrations, then insert its rows.
      const provider = { getMigrations: async () => migrations };
      await new Migrator({ db, provider }).migrateTo('0006-extents');
      for (const statement of statements) {
        if (!statement.startsWith('insert') || statement.includes('kysely_migration')) continue;
        const forPostgres = statement.replaceAll(/\bx'([0-9a-f]*)'/g, "'\\x$1'");
        await sql.raw(forPostgres).execute(db);
      }
      const numbered = [
        'sweeps',
        'configurations',
        'environments',
        'measurements',
        'engine_sessions',
        'attempts',
      ];
      for (const table of numbered)
        await sql`select setval(pg_get_serial_sequence(${table}, 'id'), 1000)`.execute(db);
    } else {
      for (const statement of statements) await sql.raw(statement).execute(db);
    }
    await db.destroy();
    return location;
  }

  test('of 0006 keeps the id and the configuration of every point', async () => {
    const store = await openStore(await storeOf0006());
    try {
      const expected: { id: string; configurationId: string; row: object }[] = JSON.parse(
        await readFile(new URL('testdata/store-0006-points.json', import.meta.url), 'utf8'),
      );
      const points = await store.latestPoints();
      expect(points.map(({ id, configurationId, row }) => ({ id, configurationId, row }))).toEqual(expected);
      expect(points.map(({ row }) => JSON.stringify(row))).toEqual(
        expected.map(({ row }) => JSON.stringify(row)),
      );
      for (const { id, configurationId } of expected) {
        const { items } = await store.points({ configurationId });
        expect(items.map((point) => point.id)).toEqual([id]);
      }
      // Ingesting the same rows again adds no measurements.
      const rows = join(directory, 'agg_bmk.json');
      await writeFile(rows, JSON.stringify(expected.map(({ row }) => row)));
      expect(await store.ingest(rows)).toMatchObject({ added: 0, unchanged: 3, quarantined: [] });
    } finally {
      await store.close();
    }
  });

  test('that lacks a migration before the last one gets it', async () => {
    const location = await newStore();
    const db = new Kysely<Record<string, never>>({ dialect: await dialect(location) });
    const { '0028-power': _, ...others } = migrations;
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: async () => others },
    }).migrateToLatest();
    expect(error).toBeUndefined();
    await db.destroy();
    const store = await openStore(location);
    try {
      expect(await store.ingestRun(directory)).toMatchObject({ added: 3, quarantined: [] });
    } finally {
      await store.close();
    }
  });

  test('written by a newer version is refused and not changed', async () => {
    const location = await olderStore('0002');
    const db = new Kysely<Record<string, never>>({ dialect: await dialect(location) });
    await sql`insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')`.execute(db);
    await expect(openStore(location)).rejects.toThrow('was created by a newer version');
    expect((await sql`select * from points`.execute(db)).rows).toHaveLength(2);
    await db.destroy();
  });

  test('that has a copied CI run twice has it once, with its points, its scores and their counts', async () => {
    const location = await newStore();
    const page = runUrl(1).replace('/attempts/1', '');
    const copied = (id: string, url: string): CopiedRun => ({
      id,
      url,
      command: 'public pull',
      at: new Date(someSweep.at),
      points: [],
      scores: [],
    });
    const before = await openStore(location);
    const { row } = pointOf(benchmarkRow());
    await before.ingestCopied(publicSource, { ...copied('public-1-1', runUrl(1)), points: [row] });
    const score = scoreOf(evaluationRow({ run_url: page })).row;
    await before.ingestCopied(publicSource, { ...copied('public-1', page), scores: [score] });
    const other = scoreOf(evaluationRow({ id: '18', run_url: runUrl(2) })).row;
    await before.ingestCopied(publicSource, { ...copied('public-2-3', runUrl(2)), scores: [other] });
    expect((await before.sweeps({})).items).toHaveLength(3);
    await before.close();

    const db = new Kysely<unknown>({ dialect: await dialect(location) });
    await migrations['0025-one-public-run']?.up(db);
    await db.destroy();

    const store = await openStore(location);
    try {
      const { items } = await store.sweeps({});
      expect(items.map(({ id, measurements: { unchecked } }) => [id, unchecked]).toSorted()).toEqual([
        ['public-1', 1],
        ['public-2', 0],
      ]);
      expect(items.find(({ id }) => id === 'public-1')?.url).toBe(page);
      expect((await store.points()).items.map(({ sweepId }) => sweepId)).toEqual(['public-1']);
      expect((await store.evals()).items.map(({ sweepId }) => sweepId).toSorted()).toEqual([
        'public-1',
        'public-2',
      ]);
      // Copying the run again adds nothing.
      const again = await store.ingestCopied(publicSource, {
        ...copied('public-1', page),
        points: [row],
        scores: [score],
      });
      expect(again).toMatchObject({ added: 0, unchanged: 1, evals: 0 });
    } finally {
      await store.close();
    }
  });
});
