import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { said } from '../../../../test/support/said.ts';
import { packageRoot } from '../../../package-root.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eval-results-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), JSON.stringify(content));
  }
}

const golden = join(packageRoot, '../shared/upstream-2026-08');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  tool: z.enum(['evals-collect', 'evals-validate']),
  files: z.record(z.string(), z.unknown()),
  args: z.array(z.string()),
  exit: z.int(),
  stdout: z.string(),
  stderr: z.string().default(''),
  rows: z.array(z.looseObject({ source: z.string() })).default([]),
});

describe.skipIf(!existsSync(golden))(
  'output of the public August tools for eval jobs (skipped: no ../shared)',
  () => {
    const cases = existsSync(golden)
      ? z
          .array(z.looseObject({ tool: z.string() }))
          .parse(JSON.parse(readFileSync(join(golden, 'results/cases.json'), 'utf8')))
          .flatMap((one) => (one.tool.startsWith('evals-') ? caseSchema.parse(one) : []))
      : [];

    test.each(cases.filter(({ tool }) => tool === 'evals-collect'))(
      '$name, $title: the same rows and tables',
      async ({ files, args: [place = '', name = '', sort = ''], rows, stdout }) => {
        await mkdir(join(folder, place));
        await write(files);
        const by = sort === 'hw' ? 'hardware' : 'model';
        const collected = await said(
          'eval',
          'collect',
          join(folder, place),
          name,
          '--sort',
          by,
          '--out-dir',
          folder,
        );
        expect([collected.code, collected.stdout.trim()]).toEqual([0, stdout.trim()]);
        const bySource = (list: readonly { readonly source: string }[]) =>
          list.toSorted((a, b) => (a.source < b.source ? -1 : 1));
        const written = await readFile(join(folder, `agg_eval_${name}.json`), 'utf8');
        expect(bySource(JSON.parse(written.replaceAll(`${folder}/`, '')))).toEqual(bySource(rows));
      },
    );

    const judged = (text: string) => text.split('\n').filter((line) => / = \d\.\d{4} \(/.test(line));
    test.each(cases.filter(({ tool }) => tool === 'evals-validate'))(
      '$name, $title: the same verdict, metric by metric, and as many faults',
      async ({ files, args, exit, stdout, stderr }) => {
        await write(files);
        const inFolder = args.map((arg) =>
          /\.(json|yaml)$/.test(arg) && !arg.includes('*') ? join(folder, arg) : arg,
        );
        const thresholds = args.includes('--thresholds')
          ? []
          : ['--thresholds', join(golden, 'configs/evals/thresholds.yaml')];
        const result = await said('eval', 'validate', folder, ...inFolder, ...thresholds);
        expect(result.code).toBe(exit);
        expect(judged(result.stdout)).toEqual(judged(stdout));
        expect(judged(result.stderr)).toEqual(judged(stderr));
        const count = (text: string, word: string) =>
          text.split('\n').filter((line) => line.startsWith(word)).length;
        expect(count(result.stdout, 'PASS')).toBe(count(stdout, 'PASS'));
        if (exit === 1 && stdout !== '') expect(count(result.stderr, 'FAIL')).toBe(count(stderr, 'FAIL'));
      },
    );
  },
);

const job = {
  hw: 'h100',
  framework: 'vLLM',
  precision: 'FP8',
  infmax_model_prefix: 'small',
  tp: '2',
  conc: 8,
};
const resultOf = (score: number) => ({
  lm_eval_version: '0.4.9',
  model_name: 'org/small',
  results: { gsm8k: { 'exact_match,strict-match': score, 'exact_match_stderr,strict-match': 0.01 } },
  configs: {
    gsm8k: { metric_list: [{ metric: 'exact_match' }], filter_list: [{ name: 'strict-match' }] },
  },
  'n-samples': { gsm8k: { original: 1319, effective: 200 } },
});

describe('eval collect', () => {
  const rowsOf = async (...more: string[]) => {
    const { stdout } = await said('eval', 'collect', folder, 'x', '--json', '--out-dir', folder, ...more);
    return z.array(z.looseObject({ conc: z.int(), score: z.number() })).parse(JSON.parse(stdout));
  };

  test('takes the newest of several results of one concurrency', async () => {
    await write({ 'meta_env.json': job, 'results_a.json': resultOf(0.5), 'results_b.json': resultOf(0.6) });
    await utimes(join(folder, 'results_b.json'), 1000, 1000);
    expect(await rowsOf()).toMatchObject([{ conc: 8, tp: 2, prefill_tp: 2, score: 0.5, n_eff: 200 }]);
  });

  test('has a row for each completed concurrency only', async () => {
    const batch = { ...job, eval_concs: [4, 16, 64], completed_eval_concs: [4, 16], failed_eval_concs: [64] };
    await write({
      'j/meta_env.json': batch,
      'j/results_conc4.json': resultOf(0.4),
      'j/results_conc16_1.json': resultOf(0.5),
      'j/results_conc64.json': resultOf(0.6),
      'j/results_extra.json': resultOf(0.7),
    });
    const rows = await rowsOf();
    expect(rows.map(({ conc, score }) => [conc, score]).toSorted()).toEqual([
      [16, 0.5],
      [4, 0.4],
    ]);
  });

  test('names the file and the field of a result that is not one', async () => {
    await write({ 'meta_env.json': job, 'results_1.json': { ...resultOf(1), results: [] } });
    const { code, stderr } = await said('eval', 'collect', folder, 'x', '--out-dir', folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/results_1\.json: .*results: expected/)]);
  });
});

test('without thresholds, eval validate judges what it can, and its JSON has scores and limits', async () => {
  await write({ 'meta_env.json': job, 'results_1.json': resultOf(0.84) });
  const { code, stdout } = await said('eval', 'validate', folder, '--json');
  expect([code, JSON.parse(stdout)]).toEqual([
    1,
    expect.objectContaining({ model: 'small', hasOwnFloors: false, passes: false, faults: [] }),
  ]);
  expect((await said('eval', 'validate', folder, '--min-score', '0.84')).code).toBe(0);
});
