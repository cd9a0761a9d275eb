import { describe, expect, test } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { LoadError, type LoadTest, type SearchedResult } from '../load/index.ts';
import { kindOfScenario, searchOf, type Traffic } from '../workload/index.ts';
import { type SearchTest, searchPoint } from './search-point.ts';

const desk: Traffic = { 'prefix-len': 16, 'suffix-len': 8, 'output-len': 4, slo: ['ttft:p90<100'] };

interface Result extends SearchedResult {
  readonly test: LoadTest;
}

/** A server that meets the SLO up to this load, and how many requests it has within it beyond. */
const server = (limit: number, loadOf: (test: LoadTest) => number) => (test: LoadTest) => {
  const requests = test.numPrompts;
  const met = loadOf(test) <= limit ? requests : Math.floor(requests / 2);
  const slo = {
    requests,
    attainment: met / requests,
    limits: [{ metric: 'ttft' as const, percentile: 90, limit_ms: 100, met, not_known: 0, design_effect: 1 }],
  };
  const result: Result = { test, slo, failed: 0, fidelity: { verdict: 'checked', reasons: [] } };
  return result;
};
const ofConcurrency = ({ maxConcurrency }: LoadTest) => maxConcurrency;
const ofRate = ({ requestRate }: LoadTest) => requestRate;

async function searched(search: object, conc: number, run: (test: LoadTest) => Result | Promise<Result>) {
  const traffic: Traffic = { ...desk, search };
  const kind = kindOfScenario('shared-prefix');
  const asked = searchOf(traffic, conc);
  if (kind === undefined || asked === undefined) throw new Error('a search');
  const tests: LoadTest[] = [];
  const told: SearchTest[] = [];
  const base = { ...someLoadTest, warmupRequests: 2 * conc };
  const measured = await searchPoint(
    { kind, traffic, point: { conc, seed: 1 }, search: asked, base },
    async (test) => {
      tests.push(test);
      return await run(test);
    },
    async (test) => void told.push(test),
  );
  return { measured, tests, told };
}

describe('a point that searches', () => {
  test('finds the highest concurrency, up to that of the item, and has the result of the test there', async () => {
    const { measured, tests, told } = await searched({}, 64, server(23, ofConcurrency));
    expect(measured.search).toMatchObject({ load: 'concurrency', state: 'found', bracket: [23, 24] });
    expect(measured.raw.test.maxConcurrency).toBe(23);
    expect(Math.max(...tests.map(ofConcurrency))).toBeLessThanOrEqual(64);
    expect(told.map(({ level }) => level)).toEqual(tests.map(ofConcurrency));
    expect(measured.search?.tests).toHaveLength(tests.length);
  });

  test('finds the highest rate, with the concurrency as the limit of requests in flight', async () => {
    const search = { load: 'rate', min: 1, max: 100, resolution: 0.1 };
    const { measured, tests } = await searched(search, 64, server(20, ofRate));
    const [holds, misses] = measured.search?.bracket ?? [];
    expect(holds).toBeLessThanOrEqual(20);
    expect(misses).toBeGreaterThan(20);
    expect(Number(misses) / Number(holds)).toBeLessThanOrEqual(1.101);
    for (const { maxConcurrency } of tests) expect(maxConcurrency).toBe(64);
  });

  test('sends other prompts in each test, and warms up only for a load that the engine has not served', async () => {
    const { tests } = await searched({}, 16, server(5, ofConcurrency));
    expect(new Set(tests.map(({ seed }) => seed)).size).toBe(tests.length);
    let highest = 0;
    for (const { maxConcurrency, warmupRequests } of tests) {
      expect(warmupRequests).toBe(maxConcurrency > highest ? maxConcurrency : 0);
      highest = Math.max(highest, maxConcurrency);
    }
  });

  test('ends with that answer if even the lowest load misses', async () => {
    const { measured, tests } = await searched({}, 64, server(0, ofConcurrency));
    expect(measured.search).toMatchObject({ state: 'none', bracket: [null, 1] });
    expect(measured.raw.test.maxConcurrency).toBe(1);
    expect(tests.length).toBeLessThan(10);
  });

  test('counts a load at which nothing is answered as missed', async () => {
    const answers = server(64, ofConcurrency);
    const { measured, told } = await searched({}, 64, (asked) => {
      if (asked.maxConcurrency <= 8) return answers(asked);
      throw new LoadError('all-failed', 'all requests failed');
    });
    expect(measured.search).toMatchObject({ state: 'found', bracket: [8, 9] });
    expect(told.some(({ met }) => met[0] === 0)).toBe(true);
  });

  test('is ended by a test that is ended early, whose result it then has', async () => {
    const answers = server(64, ofConcurrency);
    const { measured, tests } = await searched({}, 64, (asked) =>
      asked.maxConcurrency < 4 ? answers(asked) : { ...answers(asked), partial: true },
    );
    expect(measured.search).toBeUndefined();
    expect(measured.raw.partial).toBe(true);
    expect(tests.map(ofConcurrency)).toEqual([1, 2, 4]);
  });
});
