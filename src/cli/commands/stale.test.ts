import { expect, test } from 'vitest';
import { rowIdentity } from '../../identity/index.ts';
import { isMultiNode, type MatrixEntry } from '../../matrix/index.ts';
import { aggregateRow, type NewestResult, staleEntries } from '../../results/index.ts';

const shared = {
  image: 'engine:v1',
  model: 'org/model',
  'model-prefix': 'model',
  precision: 'fp8',
  framework: 'sglang',
  isl: 1024,
  osl: 1024,
  'spec-decoding': 'none',
  'max-model-len': 2248,
  'exp-name': 'model_1k1k',
};
const single = (conc: number): MatrixEntry => ({
  ...shared,
  runner: 'h200',
  tp: 8,
  ep: 1,
  'dp-attn': false,
  disagg: false,
  conc,
});
const workers = { 'num-worker': 2, tp: 4, ep: 4, 'dp-attn': true };
const multi: MatrixEntry = {
  ...shared,
  runner: 'gb200',
  disagg: true,
  prefill: workers,
  decode: { ...workers, 'num-worker': 1 },
  conc: [8, 16],
};

/** The row that a sweep would publish for a point, as the store returns it. */
function measured(entry: MatrixEntry, conc: number, measuredAt: string): NewestResult {
  const raw = {
    date: '20260114-101500',
    model_id: entry.model,
    max_concurrency: conc,
    total_token_throughput: 1200,
    output_throughput: 400,
  };
  return { measuredAt, row: aggregateRow(raw, rowIdentity({ entry, conc, hardware: entry.runner })) };
}

const judge = (entries: readonly MatrixEntry[], rows: readonly NewestResult[]) =>
  staleEntries(entries, rows, {
    since: new Date('2026-01-07T00:00:00Z'),
    hardwareOf: ({ runner }) => runner,
  });

test('recently measured entries are left out, single-node and multi-node', () => {
  const rows = [
    measured(single(4), 4, '2026-01-08T00:00:00.000Z'),
    measured(multi, 8, '2026-01-08T00:00:00.000Z'),
    measured(multi, 16, '2026-01-09T00:00:00.000Z'),
  ];
  expect(judge([single(4), multi], rows)).toEqual([]);
});

test('entries that were never measured come first, then the oldest', () => {
  const rows = [
    measured(single(4), 4, '2026-01-03T00:00:00.000Z'),
    measured(single(8), 8, '2026-01-02T00:00:00.000Z'),
  ];
  expect(judge([single(4), single(8), single(16)], rows)).toEqual([
    { entry: single(16), measuredAt: undefined },
    { entry: single(8), measuredAt: '2026-01-02T00:00:00.000Z' },
    { entry: single(4), measuredAt: '2026-01-03T00:00:00.000Z' },
  ]);
});

test('a multi-node entry keeps only its stale concurrencies', () => {
  const [stale] = judge([multi], [measured(multi, 8, '2026-01-08T00:00:00.000Z')]);
  expect(stale?.entry).toEqual({ ...multi, conc: [16] });
  expect(isMultiNode(multi)).toBe(true);
});

test.each([
  ['image', { image: 'engine:v2' }],
  ['precision', { precision: 'fp4' }],
  ['layout', { tp: 4 }],
  ['DP attention setting', { 'dp-attn': true }],
])('another %s is another point', (_, change) => {
  const rows = [measured(single(4), 4, '2026-01-08T00:00:00.000Z')];
  expect(judge([{ ...single(4), ...change }], rows)).toHaveLength(1);
});
