import { expect, test } from 'vitest';
import { findingOf } from './finding.ts';
import { type Eval, latestScores } from './scores.ts';

const scored = (hw: string, score: number): Eval => ({
  id: hw,
  runId: null,
  measuredAt: '2026-05-01T00:00:00.000Z',
  model: 'm',
  modelPrefix: 'm',
  hw,
  gpu: null,
  framework: 'sglang',
  precision: 'fp8',
  specDecoding: 'none',
  conc: null,
  task: 'gsm8k',
  metric: 'em_strict',
  score,
  standardError: null,
  samples: 1319,
  gate: null,
  source: null,
});

const names = {
  model: String,
  engine: () => 'SGLang',
  hardware: (hw: string) => hw.toUpperCase(),
};

test('names the significantly worse ones, and the lowest with its interval', () => {
  const scores = latestScores([scored('a', 0.955), scored('b', 0.956), scored('c', 0.88)], [], names);
  expect(findingOf(scores, 'Model')).toMatch(
    /^C: SGLang, FP8: significantly more than 2\spoints below the median of 95.5\s%\. The lowest is C: SGLang, FP8, with 88\s% \(86\.\d\s% to 89\.\d\s%\)/,
  );
});

test('reports that differences are within the noise', () => {
  const scores = latestScores([scored('a', 0.955), scored('b', 0.956), scored('c', 0.951)], [], names);
  expect(findingOf(scores, 'Model')).toMatch(
    /^None of the 3 configurations of Model is significantly more than/,
  );
  expect(findingOf(scores, 'Model')).toContain('no interval lies entirely below the median');
});

test('is empty without scores', () => {
  expect(findingOf([], 'Model')).toBe('');
});
