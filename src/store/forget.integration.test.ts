import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { describeEachStore } from '../../test/support/each-store.ts';
import { runUrl } from '../../test/support/public-api.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import type { CopiedRun } from './ingest/copied.ts';
import { openDatabase, openStore } from './open.ts';
import type { Schema } from './schema.ts';
import { publicSource, sweepSources } from './sources.ts';
import type { Store } from './store.ts';

let runDirectory: string;
let folder: string;
/** The rows of the run, as in the run directory. */
let rows: Record<string, unknown>[];
/** The same points on another day and at other speeds, as if copied from the public project. */
let copied: CopiedRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forget-'));
  runDirectory = join(folder, someSweep.sweepId);
  await writeSweepFiles(runDirectory, someSweep);
  const agg = join(runDirectory, 'agg');
  rows = await Promise.all(
    (await readdir(agg)).map(async (name) =>
      z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(join(agg, name), 'utf8'))),
    ),
  );
  copied = copiedRun(1, new Date(someSweep.at + 86_400_000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function copiedRun(run: number, at: Date): CopiedRun {
  const alone = { ...rows[0], hw: 'synthetic-mi355x', image: 'unknown' };
  const score = { task: 'gsm8k', score_name: 'em_strict', score: 0.9, source: 'public evaluation 1' };
  const of = { model: 'm', hw: 'h200', framework: 'sglang', precision: 'fp8', spec_decoding: 'none' };
  return {
    id: `public-${run}`,
    command: 'public pull',
    url: runUrl(run),
    at,
    points: [...rows, alone].map((row, index) => ({
      name: `row ${index}`,
      at,
      powerW: null,
      row: { ...row, tput_per_gpu: 1000 + index, run_url: runUrl(run) },
    })),
    scores: [{ name: 'score', at, row: { ...of, ...score } }],
  };
}

async function withBoth(location: string, order: readonly ('own' | 'copy')[]): Promise<Store> {
  const store = await openStore(location);
  for (const one of order) {
    if (one === 'own') await store.ingestRun(runDirectory);
    else {
      await store.ingestCopied(publicSource, copied);
      await store.ingestJobCounts(publicSource, [
        { hw: 'synthetic-mi355x', day: '2026-01-15', ended: 4, succeeded: 3 },
      ]);
    }
  }
  return store;
}

/** All answers of a store, except its row counts. */
async function answersOf(store: Store) {
  return {
    points: (await store.points()).items,
    latest: await store.latestPoints(),
    charts: await store.chartPoints({}),
    extents: await store.seriesExtents({ modelPrefix: 'dsr1', isl: 1024, osl: 1024 }),
    shapes: await store.shapes(),
    configurations: await store.configurations(),
    counts: await store.counts(),
    sweeps: (await store.sweeps({})).items,
    evals: (await store.evals()).items,
    reliability: await store.reliability(),
    jobs: await store.jobCounts(),
    quarantined: await store.quarantined(),
  };
}

const tables = [
  'sweeps',
  'configurations',
  'environments',
  'measurements',
  'documents',
  'latest',
  'telemetry',
  'engine_sessions',
  'attempts',
  'counts',
  'evals',
  'job_counts',
  'quarantine',
] as const satisfies readonly (keyof Schema)[];

/** Every row of every table. */
async function contentOf(location: string): Promise<Map<string, string[]>> {
  const db = await openDatabase(location);
  try {
    const content = new Map<string, string[]>();
    for (const table of tables) {
      const found = await db.selectFrom(table).selectAll().execute();
      content.set(table, found.map((row) => JSON.stringify(row)).toSorted());
    }
    return content;
  } finally {
    await db.destroy();
  }
}

describeEachStore('store forget', (newStore) => {
  test('leaves a store exactly as it was before the copy', async () => {
    const location = await newStore();
    await (await withBoth(location, ['own'])).close();
    const before = await contentOf(location);
    const store = await withBoth(location, ['copy']);
    expect((await store.latestPoints()).map(({ source }) => source)).toEqual(Array(4).fill('public'));
    expect(await store.forget(publicSource)).toEqual({
      measurements: 4,
      scores: 1,
      runs: 1,
      jobDays: 1,
      quarantined: 0,
    });
    await store.close();
    expect(await contentOf(location)).toEqual(before);
  });

  test('keeps what was added after the copy, as if the copy had never been there', async () => {
    const without = await withBoth(await newStore(), ['own']);
    const store = await withBoth(await newStore(), ['copy', 'own']);
    await store.forget(publicSource);
    expect(await answersOf(store)).toEqual(await answersOf(without));
    await store.close();
    await without.close();
  });

  test('empties a store that contains only the copy, and finds nothing the second time', async () => {
    const location = await newStore();
    const store = await withBoth(location, ['copy']);
    await store.ingestCopied(publicSource, {
      ...copiedRun(2, copied.at),
      scores: [],
      points: [{ name: 'no row', row: { hw: 'h200' }, at: copied.at, powerW: null }],
    });
    expect(await store.quarantined()).toHaveLength(1);
    expect(await store.forget(publicSource)).toMatchObject({ measurements: 4, quarantined: 1 });
    expect(await store.forget(publicSource)).toEqual({
      measurements: 0,
      scores: 0,
      runs: 0,
      jobDays: 0,
      quarantined: 0,
    });
    await store.close();
    const content = await contentOf(location);
    expect([...content].filter(([, found]) => found.length > 0)).toEqual([]);
  });

  test('removes all or nothing', async () => {
    const location = await newStore();
    const store = await withBoth(location, ['own', 'copy']);
    const before = await answersOf(store);
    const db = await openDatabase(location);
    // The table that is emptied last is missing.
    await db.schema.alterTable('job_counts').renameTo('hidden').execute();
    await expect(store.forget(publicSource)).rejects.toThrow("cannot remove the data of source 'public'");
    await db.schema.alterTable('hidden').renameTo('job_counts').execute();
    await db.destroy();
    expect(await answersOf(store)).toEqual(before);
    await store.close();
  });

  test('lets the copy be added again', async () => {
    const store = await withBoth(await newStore(), ['own', 'copy']);
    const before = await answersOf(store);
    await store.forget(publicSource);
    expect(await store.ingestCopied(publicSource, copied)).toMatchObject({ added: 4, evals: 1 });
    await store.ingestJobCounts(publicSource, [
      { hw: 'synthetic-mi355x', day: '2026-01-15', ended: 4, succeeded: 3 },
    ]);
    expect(await answersOf(store)).toEqual(before);
    await store.close();
  });
});

test('only sources that can be fetched again can be forgotten, and only their points are marked', () => {
  expect(sweepSources.filter(({ fetchedBy }) => fetchedBy !== undefined)).toEqual([publicSource]);
  expect(sweepSources.filter(({ mark }) => mark !== undefined)).toEqual([publicSource]);
});
