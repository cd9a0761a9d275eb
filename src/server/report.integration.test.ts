import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { checkedInConfigs, ServedStore } from '../../test/support/served-store.ts';
import { kindOf } from './documents/index.ts';
import { loadKnowledge, writeReport } from './index.ts';

let served: ServedStore;
beforeAll(async () => {
  served = await ServedStore.create();
});
afterAll(() => served.remove());

test('a report is one file with every document of its run and of no other run', async () => {
  const file = join(served.folder, 'report.html');
  const id = 'run-20260121-120000-cccc';
  await writeReport(file, join(served.folder, 'runs', id), {
    knowledgeOf: async (store) => await loadKnowledge(store, await checkedInConfigs()),
  });
  const page = await readFile(file, 'utf8');
  expect(page).not.toMatch(/<(script|link)[^>]*(src|href)="(?!data:)/);
  const embedded = /<script type="application\/json" id="documents">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  const documents = z.record(z.string(), z.unknown()).parse(JSON.parse(embedded));
  const ids = (await served.store.points({ sweepId: id })).items.map((point) => point.id);
  expect(ids).toHaveLength(2);
  expect(Object.keys(documents).toSorted()).toEqual(
    [
      'answers/dsr1_1024_1024',
      'changelog',
      'evals',
      'hardware',
      'index',
      'overview',
      'reliability',
      'runs',
      `runs/${id}`,
      'shapes/dsr1_1024_1024',
      'history/dsr1_1024_1024',
      'history/dsr1_1024_1024/b200-trt~sglang~fp8~none',
      ...ids.map((point) => `points/${point}`),
    ].toSorted(),
  );
  for (const [path, document] of Object.entries(documents))
    expect(kindOf(path)?.kind.schema.safeParse(document).error, path).toBeUndefined();
});
