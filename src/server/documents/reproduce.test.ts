import { expect, test } from 'vitest';
import { randomNumbers, somePoint, syntheticRow } from '../../../test/support/synthetic-results.ts';
import { definitionOf, matrixEntrySchema, rowIdentity, singleNodeEntry } from '../../identity/index.ts';
import { augustLengthMargin } from '../../matrix/index.ts';
import { kindOfScenario, workloadId } from '../../workload/index.ts';
import { reproduce } from './reproduce.ts';

const traffic = {
  'dataset-path': '/home/me/questions.jsonl',
  'dataset-sha256': 'a'.repeat(64),
  isl: 64,
  osl: 8,
  slo: ['ttft:p99<500'],
  arrivals: { pattern: 'poisson', rate: 5 },
};
const kind = kindOfScenario('custom');
const id = kind === undefined ? '' : workloadId(kind, 'own', traffic);
const said = {
  image: 'npm:node-llama-cpp@3.22.1',
  model: 'org/model',
  'model-prefix': 'm',
  precision: 'q4',
  framework: 'llama.cpp',
  isl: 64,
  osl: 8,
  tp: 1,
};
const entry = singleNodeEntry(
  {
    config: said,
    shape: said,
    item: said,
    runner: 'cpu',
    maxModelLen: 64 + 8 + augustLengthMargin,
    expName: 'm_64_8',
    workload: { scenario: 'custom', id, traffic },
  },
  4,
);
const row = {
  ...syntheticRow(somePoint, randomNumbers(1)),
  ...rowIdentity({ entry, conc: 4, hardware: 'cpu' }),
  ...definitionOf(entry),
};
const nothing = { configs: new Map(), gpus: [] };

test('a row of a workload has the command that sends it again, with the path of its file below the folder', () => {
  const found = reproduce(row, 'here', nothing);
  expect(found?.args).toEqual(['inferencemax', 'run', '--entries', '-']);
  const [again] = matrixEntrySchema.array().parse(JSON.parse(found?.stdin ?? ''));
  expect(again).toMatchObject({ ...entry, traffic: { ...traffic, 'dataset-path': 'questions.jsonl' } });
  expect(found?.assumes).toBe(
    'where the data set (SHA-256 aaaaaaaaaaaa…) is; the command expects it at questions.jsonl',
  );
  expect(JSON.stringify(found)).not.toContain('/home/me');
});

test('a row of a workload without its definition has no command', () => {
  const { workload_definition: _, ...without } = row;
  expect(reproduce(without, 'here', nothing)).toBeNull();
  expect(reproduce({ ...without, workload_definition: '{' }, 'here', nothing)).toBeNull();
});
