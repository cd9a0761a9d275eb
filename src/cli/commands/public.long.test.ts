import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestProduct } from '../../../test/support/product.ts';
import {
  availableRow,
  benchmarkRow,
  evaluationRow,
  list,
  PublicApi,
  runUrl,
  status,
} from '../../../test/support/public-api.ts';

const newest = 'benchmarks?model=DeepSeek-R1-0528';

let folder: string;
let api: PublicApi;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'public-cli-'));
  api = await PublicApi.start({
    availability: [list([availableRow()])],
    [newest]: [list([1, 2, 3].map((run) => benchmarkRow({ run_url: runUrl(run), date: `2026-02-0${run}` })))],
    evaluations: [list([evaluationRow()])],
    reliability: [list([{ hardware: 'h200', date: '2026-02-01', n_success: 3, total: 4 }])],
  });
});
afterEach(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): TestProduct {
  return new TestProduct(args, { cwd: folder, env: { INFERENCEMAX_CACHE: join(folder, 'cache') } });
}

async function run(...args: string[]) {
  const product = start(...args);
  return { code: await product.exited, stdout: product.stdout, stderr: product.stderr };
}

const pull = (...args: string[]) => run('public', 'pull', '--address', api.address, ...args);

describe('public pull', () => {
  test('prints progress and what was added, and removes it all again', async () => {
    const pulled = await pull();
    expect(pulled.code).toBe(0);
    expect(pulled.stdout).toMatch(
      /^3 points of 3 public runs, 3 of them new\n1 new accuracy scores\n4 benchmark jobs/,
    );
    expect(pulled.stderr).toContain('requesting benchmarks DeepSeek-R1-0528');
    const { stdout } = await pull('--json');
    expect(JSON.parse(stdout)).toMatchObject({ points: 3, added: 0, unchanged: 3, runs: 3, skipped: [] });
    const forgotten = await run('store', 'forget', '--source', 'public', '--json');
    expect(forgotten.code).toBe(0);
    expect(JSON.parse(forgotten.stdout)).toEqual({
      source: 'public',
      measurements: 3,
      scores: 1,
      runs: 3,
      jobDays: 1,
      quarantined: 0,
    });
    const again = await run('store', 'forget', '--source', 'public');
    expect(again.stdout).toContain('removed 0 measurements of 0 runs');
  });

  test('exits with 1 if a row was left out, and names its field', async () => {
    api.answer(newest, list([benchmarkRow(), benchmarkRow({ conc: 'many' })]));
    const { code, stderr } = await pull();
    expect(code).toBe(1);
    expect(stderr).toContain('left out: benchmarks DeepSeek-R1-0528[1]: conc: ');
  });

  test.each([403, 404])('exits with 1 and a clear error if the API answers %i', async (code) => {
    api.answer('availability', status(code));
    const pulled = await pull();
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain(`api/v1/availability answers ${code}`);
    expect(pulled.stderr).toContain('check the URL');
    expect(pulled.stderr).not.toContain('    at ');
  });

  test.each([
    [['--model', 'dsr2'], "no model is called 'dsr2'", "did you mean 'dsr1'?"],
    [['--since', 'May'], 'expected a day such as 2026-01-31', ''],
    [['--address', 'file:///etc'], 'expected a URL with http:// or https://', ''],
    [['--address', 'http://me:secret@host'], 'without a query, a fragment or a password', ''],
  ])('exits with 2 for %j', async (args, message, hint) => {
    const { code, stderr } = await run('public', 'pull', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('stops at Ctrl-C while waiting for an answer, and the next pull continues from there', async () => {
    const hanging = new Promise<void>((resolve) => api.answer('evaluations', () => resolve()));
    const product = start('public', 'pull', '--address', api.address);
    await hanging;
    product.child.kill('SIGINT');
    expect(await product.exited).toBe(130);
    expect(product.stderr).toContain('run the same command again to continue');
    expect(product.stderr).not.toContain('    at ');
    const asked = api.asked.length;
    api.answer('evaluations', list([evaluationRow()]));
    const { stdout } = await pull('--json');
    expect(z.object({ added: z.number(), evals: z.number() }).parse(JSON.parse(stdout))).toEqual({
      added: 3,
      evals: 1,
    });
    // Answers that were received before are not requested again.
    expect(api.asked.slice(asked)).toEqual(['evaluations', 'reliability']);
  });
});

test('only a source that can be fetched again can be removed', async () => {
  const { code, stderr } = await run('store', 'forget', '--source', 'run');
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are public');
  expect((await run('store', 'forget')).code).toBe(2);
});
