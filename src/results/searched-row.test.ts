import { expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import { rowIdentity } from '../identity/index.ts';
import type { SearchFigures } from '../load/index.ts';
import { aggregateRow } from './aggregate-row.ts';
import { keyOfPoint, keyOfRow } from './point-key.ts';

const figures: SearchFigures = {
  load: 'concurrency',
  slos: ['ttft:p99<500'],
  state: 'found',
  bracket: [40, 42],
  interval: [38, null],
  confidence: 0.95,
  resolution: 0.05,
  monotone: true,
  requests: 4200,
  tests: [{ level: 1, requests: 200, met: [200] }],
};
const raw = {
  model_id: 'org/model',
  max_concurrency: 38,
  total_token_throughput: 1200,
  output_throughput: 400,
};
const entryOf = (search: object) => ({
  ...someEntry,
  'scenario-type': 'shared-prefix' as const,
  workload: 'desk@1',
  traffic: { slo: ['ttft:p99<500'], search },
});
const rowOf = (search: SearchFigures, asked: object, conc = 38) =>
  aggregateRow(
    { ...raw, max_concurrency: conc, search },
    rowIdentity({ entry: entryOf(asked), conc: 64, hardware: 'h200' }),
  );

test('the row of a search has its answer, and the concurrency that was measured', () => {
  expect(rowOf(figures, {})).toMatchObject({
    conc: 38,
    search_load: 'concurrency',
    search_state: 'found',
    search_holds: 40,
    search_misses: 42,
    search_shown_holds: 38,
    search_shown_misses: null,
    search_confidence: 0.95,
  });
});

test('a search of a concurrency is the same point whatever it finds, one of a rate is not another concurrency', () => {
  const key = keyOfPoint(entryOf({}), 64, 'h200');
  expect(keyOfRow(rowOf(figures, {}, 38))).toBe(key);
  expect(keyOfRow(rowOf(figures, {}, 50))).toBe(key);
  const rate = { ...figures, load: 'rate' as const };
  const asked = { load: 'rate' };
  expect(keyOfRow(rowOf(rate, asked, 64))).toBe(keyOfPoint(entryOf(asked), 64, 'h200'));
  expect(keyOfPoint(entryOf(asked), 32, 'h200')).not.toBe(keyOfPoint(entryOf(asked), 64, 'h200'));
});
