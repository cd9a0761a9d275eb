import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lastNumber, markedNumber, sameNumber } from './extract.ts';
import { judgeGate } from './gate.ts';
import { scoreOf } from './statistics.ts';

describe('the number in an answer', () => {
  test.each([
    ['It costs 3 * 4 = 12.\n#### 12', '12', '12'],
    ['#### 1,234', '1,234', '1,234'],
    ['#### $12.50.', '$12.50.', '$12.50.'],
    ['first #### 3, no: #### -4', '-4', '-4'],
    ['The answer is 42 dollars.', undefined, '42'],
    ['It is **18**', undefined, '18'],
    ['nothing', undefined, undefined],
  ])('%j: strict %j, flexible %j', (answer, strict, flexible) => {
    expect(markedNumber(answer)).toBe(strict);
    expect(lastNumber(answer)).toBe(flexible);
  });

  test('is compared as a number', () => {
    for (const same of ['1234', '1,234', '$1,234', '1234.', '1234.00'])
      expect(sameNumber(same, '1234')).toBe(true);
    for (const other of ['1234.5', '-1234', '123', undefined, '', '1.2.3'])
      expect(sameNumber(other, '1234')).toBe(false);
    expect(sameNumber(undefined, undefined)).toBe(false);
  });
});

describe('a score', () => {
  test('has the standard error of public rows, and Wilson’s interval', () => {
    // 1259 of 1319: a row of the public dashboard.
    const score = scoreOf([...Array(1259).fill(1), ...Array(60).fill(0)]);
    expect(score.mean).toBeCloseTo(0.954510993176649, 12);
    expect(score.standardError).toBeCloseTo(0.005739657656722223, 12);
    expect(score.interval95?.[0]).toBeCloseTo(0.9419, 4);
    expect(score.interval95?.[1]).toBeCloseTo(0.9645, 4);
  });

  test('is undefined without answers, and a full score has an interval below 1', () => {
    expect(scoreOf([])).toEqual({ mean: undefined, standardError: undefined, interval95: undefined, n: 0 });
    expect(scoreOf([1, 1, 1, 1]).interval95).toEqual([expect.closeTo(0.5101, 4), 1]);
  });
});

const shares = (right: number, n: number) => scoreOf([...Array(right).fill(1), ...Array(n - right).fill(0)]);
const reference = (right: number, n: number) => {
  const { mean, interval95 } = shares(right, n);
  if (mean === undefined || interval95 === undefined) throw new Error('no score');
  return { score: mean, interval95, source: 'bf16' };
};

describe('the gate', () => {
  test('fails a score that is significantly more than the tolerance below the reference', () => {
    expect(judgeGate(shares(0, 40), 0, reference(30, 40)).verdict).toBe('fail');
    expect(judgeGate(shares(1192, 1319), 0, reference(1259, 1319)).verdict).toBe('fail');
  });
  test('passes differences that may be due to chance, and better scores', () => {
    expect(judgeGate(shares(27, 40), 0, reference(30, 40)).verdict).toBe('pass');
    expect(judgeGate(shares(1245, 1319), 0, reference(1259, 1319)).verdict).toBe('pass');
    expect(judgeGate(shares(40, 40), 0, reference(30, 40)).verdict).toBe('pass');
  });
  test('does not judge incomplete scores, or scores without a reference', () => {
    expect(judgeGate(shares(0, 39), 1, reference(30, 40)).verdict).toBe('not-judged');
    expect(judgeGate(shares(0, 40), 0, undefined).verdict).toBe('not-judged');
    expect(judgeGate(scoreOf([]), 0, reference(30, 40)).verdict).toBe('not-judged');
  });

  const publicRows = new URL('../../../shared/upstream-app-data/evals.json', import.meta.url);
  test.skipIf(!existsSync(publicRows))(
    'fails exactly the broken ones among the public rows, compared with the median of their model',
    () => {
      const schema = z.array(z.object({ model: z.string(), score: z.number(), n_eff: z.number() }));
      const rows = schema.parse(JSON.parse(readFileSync(publicRows, 'utf8')));
      const failed = rows.filter((row) => {
        const peers = rows.filter(({ model }) => model === row.model).map(({ score }) => score);
        const median = peers.toSorted((a, b) => a - b)[Math.floor(peers.length / 2)] ?? 0;
        const right = (share: number) => Math.round(share * row.n_eff);
        const gate = judgeGate(shares(right(row.score), row.n_eff), 0, reference(right(median), row.n_eff));
        return gate.verdict === 'fail';
      });
      // In one published row, every answer is wrong.
      expect(failed.map(({ score }) => score)).toEqual([0]);
    },
  );
});
