import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { startMockProcess } from '../mock/process.ts';
import { rawResultSchema } from '../result-schema.ts';

/** Runs a search on a mock engine that answers four requests at once. */
async function searched(...args: string[]) {
  await using mock = await startMockProcess({
    ttftMs: 10,
    itlMs: 10,
    tokensPerEvent: 1,
    eventsPerWrite: 1,
    slots: 4,
  });
  const common = '--model mock --random-input-len 8 --random-output-len 8 --ignore-eos --no-server-metrics';
  const line = ['bench', 'serve', '--base-url', mock.baseUrl, ...common.split(' '), ...args, '--json'];
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>(
    (resolve) => {
      execFile(process.execPath, ['bin/inferencemax.js', ...line], (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout: out, stderr: err }),
      );
    },
  );
  const events = stdout
    .trim()
    .split('\n')
    .map((text): { readonly event: string } => JSON.parse(text));
  const result = events.find(({ event }) => event === 'result');
  return { code, stderr, tests: events.filter(({ event }) => event === 'test').length, result };
}

it('finds the concurrency beyond which requests of a real server wait', async () => {
  // A request beyond the fourth waits for up to 80 ms, so that from eight streams on, all do.
  const { code, tests, result } = await searched(
    '--search',
    '--search-range',
    '2-32',
    '--slo',
    'ttft:p80<60',
  );
  expect(code).toBe(0);
  const { search, slo, max_concurrency } = rawResultSchema.parse(result);
  expect(search).toMatchObject({ state: 'found', load: 'concurrency', slos: ['ttft:p80<60'] });
  const [holds = null, misses = null] = search?.interval ?? [];
  expect(holds).toBeGreaterThanOrEqual(2);
  expect(misses).toBeLessThanOrEqual(8);
  expect(misses).toBeGreaterThan(4);
  // The other figures are those of the load that holds.
  expect(max_concurrency).toBe(holds);
  expect(slo?.attainment).toBeGreaterThan(0.8);
  expect(search?.tests).toHaveLength(tests);
}, 60_000);

it('ends with that answer, and exit code 1, if even one stream misses', async () => {
  const { code, result } = await searched('--search', '--slo', 'ttft:p90<2');
  expect(code).toBe(1);
  const { search } = rawResultSchema.parse(result);
  expect(search).toMatchObject({ state: 'none', bracket: [null, 1], interval: [null, 1] });
  expect(search?.tests.map(({ level }) => level)).toEqual([1]);
}, 60_000);
