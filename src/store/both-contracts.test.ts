import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { type AggregateRow, aggregateRowSchema } from '../results/index.ts';
import { storeInMemory } from './index.ts';

const folders = ['01', '08'].map((month) => join(packageRoot, `../shared/upstream-2026-${month}/results`));
const isThere = folders.every((folder) => existsSync(folder));

test.skipIf(!isThere)(
  'rows of January and of August lie in one store, each exactly as it was published (skipped: no ../shared)',
  async () => {
    const texts = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.agg.json'))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    );
    const files = [...new Set(texts)];
    const place = await mkdtemp(join(tmpdir(), 'both-contracts-'));
    for (const [index, text] of files.entries()) await writeFile(join(place, `agg_${index}.json`), text);
    const store = await storeInMemory();
    try {
      expect(await store.ingest(place)).toMatchObject({ added: files.length, quarantined: [] });
      const ids = (await store.configurations()).map(({ id }) => id);
      const stored = (await store.measurementsOf(ids)).map(({ row }) => row);
      const published = files.map((text) => aggregateRowSchema.parse(JSON.parse(text)));
      expect(inOrder(stored)).toEqual(inOrder(published));

      const points = await store.points({}, { limit: 1000 });
      const watts = points.items.flatMap(({ powerW }) => powerW ?? []);
      expect(watts).toEqual(published.flatMap((row) => row.avg_total_gpu_power_w ?? []));
      expect(watts).not.toHaveLength(0);
    } finally {
      await store.close();
      await rm(place, { recursive: true });
    }
  },
);

function inOrder(rows: readonly AggregateRow[]): AggregateRow[] {
  const key = (row: AggregateRow) => JSON.stringify(Object.entries(row).toSorted());
  return rows.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
