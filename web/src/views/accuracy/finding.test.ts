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

test('says so if several low ones are of the same server, however few there are', () => {
  const good = Array.from({ length: 60 }, (_, index) => ({ ...scored(`h${index}`, 0.956), conc: 8 }));
  const low = [64, 128].map((conc) => ({ ...scored('low', 0.94), id: `low ${conc}`, conc }));
  const finding = findingOf(latestScores([...good, ...low], [], names), 'Model');
  expect(finding).toContain(
    'as chance alone would explain, but all of them are of the same hardware, engine and precision (LOW: SGLang, FP8, concurrency 64; LOW: SGLang, FP8, concurrency 128).',
  );
});

test('is empty without scores', () => {
  expect(findingOf([], 'Model')).toBe('');
});
