import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processResults } from './process.ts';

const job = {
  RUNNER_TYPE: 'gb200',
  FRAMEWORK: 'dynamo-vllm',
  PRECISION: 'fp4',
  SPEC_DECODING: 'none',
  RESULT_FILENAME: 'run',
  ISL: '8192',
  OSL: '1024',
  DISAGG: 'true',
  MODEL_PREFIX: 'dsv4',
  IMAGE: 'engine:v1',
  IS_MULTINODE: 'true',
  PREFILL_NUM_WORKERS: '1',
  PREFILL_TP: '4',
  PREFILL_EP: '4',
  PREFILL_DP_ATTN: 'false',
  DECODE_NUM_WORKERS: '1',
  DECODE_TP: '8',
  DECODE_EP: '8',
  DECODE_DP_ATTN: 'true',
};
const raw = (conc: number, more = {}) =>
  JSON.stringify({
    model_id: 'org/M',
    max_concurrency: conc,
    total_token_throughput: 1200,
    output_throughput: 400,
    median_tpot_ms: 20,
    ...more,
  });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const write = (name: string, text: string) => writeFile(join(folder, name), text);

describe('a job on several nodes with a raw result for each of its points', () => {
  test('has a row for each, with the GPUs that the name of the file says', async () => {
    await write('run_1p1d_conc16_gpus_12_ctx_4_gen_8.json', raw(16));
    await write('run_1p1d_conc4_gpus_24_ctx_8_gen_16.json', raw(4));
    await write('run_other.json', '{}');
    await write('running_conc1_gpus_8.json', '{}');
    const processed = await processResults(folder, job);
    expect(processed.map(({ file, row }) => [file.slice(folder.length + 1), row.conc])).toEqual([
      ['agg_run_1p1d_conc16_gpus_12_ctx_4_gen_8.json', 16],
      ['agg_run_1p1d_conc4_gpus_24_ctx_8_gen_16.json', 4],
    ]);
    expect(processed.map(({ row }) => row)).toMatchObject([
      {
        num_prefill_gpu: 4,
        num_decode_gpu: 8,
        tput_per_gpu: 100,
        output_tput_per_gpu: 50,
        input_tput_per_gpu: 200,
      },
      { num_prefill_gpu: 8, num_decode_gpu: 16, tput_per_gpu: 50, output_tput_per_gpu: 25 },
    ]);
  });

  test('has only workers that do both where the name says no roles', async () => {
    await write('run_agg_conc4_gpus_8.json', raw(4));
    const [processed] = await processResults(folder, job);
    expect(processed?.row).toMatchObject({
      num_prefill_gpu: 8,
      num_decode_gpu: 0,
      decode_tp: 0,
      decode_ep: 0,
      output_tput_per_gpu: 50,
    });
  });

  test('writes every row and audit before it fails for power that is required', async () => {
    const timed = { benchmark_start_time_unix: 1, benchmark_end_time_unix: 11, duration: 10 };
    await write('run_a_conc1_gpus_8.json', raw(1, timed));
    await write('run_b_conc2_gpus_8.json', raw(2, timed));
    await expect(processResults(folder, { ...job, REQUIRE_POWER: 'yes' })).rejects.toThrow(
      'power_artifacts_missing (there is no folder with power samples of the nodes)',
    );
    expect((await readdir(folder)).filter((name) => !name.startsWith('run'))).toEqual([
      'agg_run_a_conc1_gpus_8.json',
      'agg_run_b_conc2_gpus_8.json',
      'power_validation_run_a_conc1_gpus_8.json',
      'power_validation_run_b_conc2_gpus_8.json',
    ]);
  });
});

test('a job whose power cannot be worked out at all keeps its row, and the audit says why', async () => {
  const timed = { benchmark_start_time_unix: 1, benchmark_end_time_unix: 11, duration: 10 };
  await write('run.json', raw(4, timed));
  await mkdir(join(folder, 'LOGS/power'), { recursive: true });
  await symlink('manifest.json', join(folder, 'LOGS/power/manifest.json'));
  const [processed] = await processResults(folder, { ...job, PREFILL_GPUS: '4', DECODE_GPUS: '8' });
  expect(processed?.row).toMatchObject({ tput_per_gpu: 100, power_valid: 0 });
  const audit = JSON.parse(await readFile(join(folder, 'power_validation_run.json'), 'utf8'));
  expect(audit).toMatchObject({
    power_valid: false,
    reasons: ['aggregation_internal_error'],
    internal_error: { message: expect.stringContaining('manifest.json: cannot be read') },
  });
});

test('the form of January stays where nothing says August', async () => {
  await write('run.json', raw(4, { date: '20260114-101500' }));
  const environment = { ...job, PREFILL_GPUS: '4', DECODE_GPUS: '8' };
  const [january] = await processResults(folder, environment);
  expect(Object.keys(january?.row ?? {})).not.toContain('power_valid');
  expect(await readdir(folder)).toEqual(['agg_run.json', 'run.json']);
  await write('run.json', raw(4, { date: '20260821-101500' }));
  const [august] = await processResults(folder, environment);
  expect(august?.row).toMatchObject({ power_valid: 0, prefill_pp: 1, recipe_fingerprint: '' });
});

test('power that is required is required of a result without any, too', async () => {
  await write('run.json', raw(4, { date: '20260114-101500' }));
  const environment = { ...job, PREFILL_GPUS: '4', DECODE_GPUS: '8', REQUIRE_POWER: '1' };
  await expect(processResults(folder, environment)).rejects.toThrow('agg_run.json has no measured power');
  expect(await readdir(folder)).toEqual(['agg_run.json', 'run.json']);
});
