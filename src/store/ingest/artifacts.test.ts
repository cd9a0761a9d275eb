import { describe, expect, test } from 'vitest';
import { readArtifacts } from './artifacts.ts';
import type { Incoming } from './incoming.ts';

const nested = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;
const sweep = { key: 'a', created_at: 0, command: 'test', source: 'import', state: 'complete' } as const;
const raw = `{"max_concurrency":1,"total_token_throughput":1,"more":${nested}}`;

test.each(['raw.json', 'raws.jsonl'])(
  'endlessly nested JSON is quarantined and not stored: %s',
  async (path) => {
    const file = { path, bytes: raw.length, modifiedAt: 0, read: async () => Buffer.from(raw) };
    const found: Incoming[] = [];
    for await (const part of readArtifacts([file], { sweep })) found.push(part);
    expect(found.flatMap(({ measured }) => measured)).toEqual([]);
    expect(found.flatMap(({ quarantined }) => quarantined)).toMatchObject([
      { file: expect.stringContaining(path), reason: 'it is nested more than 128 levels deep' },
    ]);
  },
);

describe('an eval job', () => {
  const read = async (files: Readonly<Record<string, unknown>>) => {
    const set = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(JSON.stringify(content));
      return { path, bytes: bytes.length, modifiedAt: 1000, read: async () => bytes };
    });
    const found: Incoming[] = [];
    for await (const part of readArtifacts(set, { sweep })) found.push(part);
    return {
      evals: found.flatMap(({ evals }) => evals),
      quarantined: found.flatMap(({ quarantined }) => quarantined),
    };
  };
  const job = { hw: 'H100', framework: 'vllm', precision: 'fp8', infmax_model_prefix: 'small', conc: 8 };
  const result = (filter: string) => ({
    lm_eval_version: '0.4.9',
    model_name: 'org/small',
    results: { gsm8k: { [`exact_match,${filter}`]: 0.5, [`exact_match_stderr,${filter}`]: 0.01 } },
    configs: { gsm8k: { metric_list: [{ metric: 'exact_match' }], filter_list: [{ name: filter }] } },
  });
  const time = 'results_2026-02-19T16-05-08.926949.json';

  test('has the score of its lm-eval result, with the time from the file name', async () => {
    const { evals, quarantined } = await read({
      'e/meta_env.json': job,
      [`e/${time}`]: result('strict-match'),
    });
    expect(quarantined).toEqual([]);
    expect(evals).toMatchObject([
      {
        measured_at: Date.UTC(2026, 1, 19, 16, 5, 8),
        model: 'org/small',
        hw: 'h100',
        task: 'gsm8k',
        metric: 'em_strict',
        score: 0.5,
        score_se: 0.01,
      },
    ]);
  });

  test('has the flexible match as its score if there is no other', async () => {
    const { evals } = await read({ 'meta_env.json': job, 'results_1.json': result('flexible-extract') });
    expect(evals).toMatchObject([{ metric: 'em_flexible', score: 0.5 }]);
  });

  test('has a score for each completed concurrency', async () => {
    const { evals } = await read({
      'meta_env.json': { ...job, eval_concs: [4, 16], completed_eval_concs: [4], failed_eval_concs: [16] },
      'results_conc4.json': result('strict-match'),
      'results_conc16.json': result('strict-match'),
    });
    expect(evals).toMatchObject([{ conc: 4 }]);
  });

  test('counts once if the run has a collected file', async () => {
    const row = { hw: 'h100', framework: 'vllm', precision: 'fp8', model: 'm', task: 't', score: 1 };
    const { evals } = await read({
      'all/agg_eval_all.json': [{ ...row, score_name: 'em_strict' }],
      'e/meta_env.json': job,
      'e/results_1.json': result('strict-match'),
    });
    expect(evals).toMatchObject([{ task: 't' }]);
  });

  test('needs its meta_env.json', async () => {
    const { evals, quarantined } = await read({ 'results_1.json': result('strict-match') });
    expect([evals, quarantined]).toEqual([
      [],
      [expect.objectContaining({ reason: expect.stringContaining('without the meta_env.json') })],
    ]);
  });
});
