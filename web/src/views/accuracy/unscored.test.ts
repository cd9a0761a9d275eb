import { expect, test } from 'vitest';
import { testPoints } from '../../testing/points.ts';
import type { Eval } from './scores.ts';
import { unscoredHardware, unscoredServers, unscoredWords } from './unscored.ts';

const names = { model: (name: string) => name.toUpperCase(), engine: String, hardware: String };
const scored = (more: Partial<Eval>): Eval => ({
  id: '1',
  runId: null,
  measuredAt: '2026-05-01T00:00:00.000Z',
  model: 'm',
  modelPrefix: 'm',
  hw: 'h200',
  gpu: 'h200',
  framework: 'sglang',
  precision: 'fp8',
  specDecoding: 'none',
  conc: null,
  task: 'gsm8k',
  metric: 'em_strict',
  score: 0.95,
  standardError: null,
  samples: 1319,
  gate: null,
  source: null,
  ...more,
});
const measured = ['h200', 'h200-cw', 'b200', 'gb300', 'mi355x'].map((hw) => ({
  hw,
  gpu: hw.split('-')[0] ?? null,
}));

test('names the hardware without a score of the model and task, and what it has instead', () => {
  const unscored = unscoredHardware({
    measured,
    evals: [
      scored({}),
      scored({ hw: 'b200', gpu: 'b200', model: 'other', modelPrefix: 'other' }),
      scored({ hw: 'mi355x', gpu: 'mi355x', task: 'mmlu' }),
    ],
    model: 'm',
    task: 'gsm8k',
  });
  // A pool of the same GPU shares its scores.
  expect(unscored.map((one) => [one.hw, unscoredWords(one, names)])).toEqual([
    ['b200', 'only other models were scored on it (OTHER)'],
    ['gb300', 'nothing was scored on it'],
    ['mi355x', 'scored only in mmlu'],
  ]);
});

test('names the servers of a chart that have no score, by hardware', () => {
  const points = testPoints([
    { hw: 'h200', conc: 1 },
    { hw: 'h200', conc: 64 },
    { hw: 'h200', precision: 'fp4' },
    { hw: 'b200', framework: 'trt' },
  ]);
  const { all, without } = unscoredServers(points, [scored({ conc: 64 })], 'm', names);
  expect(all).toBe(3);
  expect([...without]).toEqual([
    ['h200', ['sglang, FP4']],
    ['b200', ['trt, FP8']],
  ]);
});
