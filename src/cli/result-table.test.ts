import { describe, expect, test } from 'vitest';
import { randomNumbers, somePoint, syntheticRow } from '../../test/support/synthetic-results.ts';
import { answerInWords, resultsInWords } from './result-table.ts';
import { plainStyle } from './terminal/style.ts';

const at = (conc: number, changes: object = {}, verdict = 'checked') => ({
  row: { ...syntheticRow({ ...somePoint, conc }, randomNumbers(conc)), ...changes },
  verdict,
});
const results = [at(64), at(1), at(8, {}, 'suspect')];

describe('results on a terminal', () => {
  test.each([40, 60, 80, 120])('fit %i columns', (width) => {
    const text = resultsInWords(results, width, plainStyle);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toMatch(/concurrency .*verdict\n/);
  });

  test('are sorted by concurrency, each with its verdict', () => {
    const lines = resultsInWords(results, 80, plainStyle).split('\n');
    expect(lines[0]).toBe('DeepSeek R1 0528 1024/1024 synthetic-h200 SGLang fp8');
    const narrow = resultsInWords(results, 50, plainStyle).split('\n');
    expect(narrow[0]).toBe('dsr1 1024/1024 synthetic-h200 sglang fp8');
    expect(lines.slice(2, 5).map((line) => line.trim().split(/ +/)[0])).toEqual(['1', '8', '64']);
    expect(lines.slice(2, 5).map((line) => line.split(' ').at(-1))).toEqual([
      'checked',
      'suspect',
      'checked',
    ]);
  });

  test('have a table for each curve', () => {
    const text = resultsInWords([...results, at(4, { framework: 'vllm' })], 80, plainStyle);
    expect(text.match(/concurrency .*verdict\n/g)).toHaveLength(2);
  });

  test('unknown figures are empty', () => {
    const unknown = { tput_per_gpu: null, median_ttft: null, median_tpot: null, median_intvty: null };
    const text = resultsInWords([at(1, unknown)], 80, plainStyle);
    expect(text).not.toMatch(/NaN|null|undefined|0\.0/);
  });
});

describe('the summary', () => {
  test('has the highest throughput with its per-user speed, and the fastest point per user', () => {
    const known = [
      at(1, { tput_per_gpu: 10, median_intvty: 100, median_ttft: 0.05 }),
      at(64, { tput_per_gpu: 200, median_intvty: 20, median_ttft: 1.5 }),
    ];
    expect(answerInWords(known)).toBe(
      'Most throughput: 200.0 tok/s per GPU at concurrency 64 with 20.0 tok/s per user, first token after 1500 ms; fastest per user: 100.0 tok/s at concurrency 1.',
    );
  });

  test('is per CPU for CPU results', () => {
    expect(answerInWords([at(1, { hw: 'cpu' })])).toContain('tok/s per CPU');
  });

  test('is absent if no throughput is known', () => {
    expect(answerInWords([at(1, { tput_per_gpu: null })])).toBeUndefined();
  });
});
