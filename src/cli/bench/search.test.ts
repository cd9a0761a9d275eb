import { describe, expect, test } from 'vitest';
import { said } from '../../../test/support/said.ts';
import type { SearchFigures } from '../../load/index.ts';
import { searchLines } from './search.ts';

const serve = (...args: string[]) => said('bench', 'serve', '--model', 'm', ...args);

describe('the options of a search', () => {
  test.each([
    ['--search', '--search needs --slo'],
    ['--search-range 1-4', '--search-range needs --search'],
    ['--search-resolution 0.1', '--search-resolution needs --search'],
    ['--search --slo ttft:p99:5x', 'column 11: expected the unit ms'],
    ['--search --slo ttft:p99:5 ttft:p99:6', 'p99 of ttft has two limits'],
    ['--search --slo ttft:p99:5 --max-concurrency 4', '--search chooses the concurrency'],
    ['--search --slo ttft:p99:5 --request-rate 4', 'use --search rate'],
    ['--search rate --slo ttft:p99:5 --request-rate 4', '--search rate chooses the rate'],
    ['--search rate --slo ttft:p99:5 --max-concurrency 4,8', 'takes one --max-concurrency'],
    ['--search --slo ttft:p99:5 --search-range 0.5-4', 'expected whole numbers'],
    ['--search --slo ttft:p99:5 --search-range 4-2', 'expected low-high'],
    ['--search --slo ttft:p99:5 --search-resolution 5', 'expected a number above 0 and below 1'],
    ['--search --slo ttft:p99:5 --num-prompts 5', "cannot be used with option '--num-prompts"],
    ['--search tokens --slo ttft:p99:5', 'Allowed choices are concurrency, rate'],
  ])('%s is refused', async (line, message) => {
    const { code, stderr } = await serve(...line.split(' '));
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the answer of a search', () => {
  const figures: SearchFigures = {
    load: 'concurrency',
    slos: ['ttft:p99<500'],
    state: 'found',
    bracket: [40, 42],
    interval: [38, 44],
    confidence: 0.95,
    resolution: 0.05,
    monotone: true,
    requests: 4200,
    tests: [{ level: 1, requests: 200, met: [200] }],
  };
  const answer = (changes: Partial<SearchFigures>) => searchLines({ ...figures, ...changes }).join('\n');

  test('is the highest load that is shown to hold, with the bracket and the interval', () => {
    const text = answer({});
    expect(text).toMatch(/Largest load within the SLOs: +concurrency 38, shown at 95 %/);
    expect(text).toMatch(/bracket: +holds at 40, misses at 42/);
    expect(text).toMatch(/95 % interval of concurrency: +\[38, 44\)/);
  });

  test('says so if no load is within the SLOs, or all are', () => {
    expect(answer({ state: 'none', bracket: [null, 1], interval: [null, 1] })).toContain(
      'none: even concurrency 1 misses',
    );
    expect(answer({ state: 'beyond', bracket: [256, null], interval: [256, null] })).toContain(
      'at least concurrency 256, shown at 95 %; raise --search-range',
    );
  });

  test('does not call a load certain that is not', () => {
    expect(answer({ interval: [null, 44] })).toContain('about concurrency 40, not shown at 95 %');
    expect(answer({ state: 'stopped', bracket: [8, 16], interval: [8, 16] })).toContain(
      'at least concurrency 8, shown at 95 %; the search was stopped below 16',
    );
    expect(answer({ monotone: false })).toContain('a higher load held than one that missed');
  });
});
