import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachStore } from '../../test/support/each-store.ts';
import { randomNumbers, somePoint, syntheticRow } from '../../test/support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { backUp, openStore, restore, type Store } from './index.ts';

describeEachStore('a store with measurements', (newStore) => {
  let folder: string;
  let location: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backup-'));
    location = await newStore();
    store = await openStore(location);
    await writeSweepFiles(join(folder, 'run'), someSweep);
    await store.ingestRun(join(folder, 'run'));
    await writeFile(join(folder, 'bad.json'), '{');
    await store.ingest(join(folder, 'bad.json'));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** All answers of the store, except its size. */
  const everything = async (from: Store) => {
    const points = await from.latestPoints();
    return {
      points,
      measurements: await Promise.all(points.map(({ id }) => from.measurement(id))),
      sweep: await from.sweep(someSweep.sweepId),
      sweeps: await from.allSweeps(),
      reliability: await from.reliability(),
      quarantined: await from.quarantined(),
    };
  };

  test('is the same after backup and restore in either database, and can still be written', async () => {
    const before = await everything(store);
    const backup = join(folder, 'backup.sqlite');
    await backUp(location, backup);
    expect((await readdir(folder)).toSorted()).toEqual(['backup.sqlite', 'bad.json', 'run']);
    for (const target of [await newStore(), join(folder, 'moved.sqlite')]) {
      await restore(backup, target);
      const restored = await openStore(target);
      try {
        expect(await everything(restored)).toEqual(before);
        const rows = [8, 16].map((conc) => syntheticRow({ ...somePoint, conc }, randomNumbers(conc)));
        await writeFile(join(folder, 'more.json'), JSON.stringify(rows));
        expect(await restored.ingest(join(folder, 'more.json'))).toMatchObject({ added: 2 });
        expect(await restored.ingestRun(join(folder, 'run'))).toMatchObject({ added: 0, unchanged: 3 });
      } finally {
        await restored.close();
      }
      await expect(restore(backup, target)).rejects.toThrow('is not empty');
    }
  });

  test('rejects a damaged backup', async () => {
    const backup = join(folder, 'backup.sqlite');
    await backUp(location, backup);
    const content = await readFile(backup);
    content.fill(0x5a, 4096, content.length - 4096);
    const damaged = join(folder, 'damaged.sqlite');
    await writeFile(damaged, content);
    const target = await newStore();
    await expect(restore(damaged, target)).rejects.toThrow(/damaged\.sqlite is not a complete store: /);
    await expect(restore(join(folder, 'bad.json'), target)).rejects.toThrow('is not a complete store');
    await restore(backup, target);
  });

  test('is exported to Parquet, CSV and JSON files with the same content', async () => {
    const points = [...(await store.points()).items];
    const file = (ending: string) => join(folder, `points${ending}`);
    for (const ending of ['.parquet', '.csv', '.json', '.jsonl'])
      expect(await store.export(file(ending))).toBe(3);
    const objects: Record<string, unknown>[] = JSON.parse(await readFile(file('.json'), 'utf8'));
    for (const [index, { id, row }] of points.entries()) {
      expect(objects[index]).toMatchObject({ id, ...row });
    }
    const lines = (await readFile(file('.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(objects);
    const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(file('.parquet')) });
    expect(parquet).toEqual(objects);
    const [names = '', ...values] = (await readFile(file('.csv'), 'utf8')).trimEnd().split('\r\n');
    const columns = names.split(',');
    expect(columns).toEqual(Object.keys(objects[0] ?? {}));
    expect(values.map((line) => Number(line.split(',')[columns.indexOf('median_ttft')]))).toEqual(
      objects.map(({ median_ttft }) => median_ttft),
    );
    expect(await store.export(file('.csv'), { latest: true, filter: { hw: 'none' } })).toBe(0);
    await expect(store.export(join(folder, 'points.xlsx'))).rejects.toThrow(
      "unknown file extension of 'points.xlsx'; use .parquet, .csv, .json, .jsonl",
    );
  });
});
