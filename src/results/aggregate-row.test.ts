import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { aggregateRowOfJob } from './aggregate-row.ts';
import { aggregateRowSchema, parseAggregateRow } from './read-rows.ts';
import { summaryMarkdown } from './summary.ts';

const raw = {
  date: '20260114-101500',
  model_id: 'org/model',
  max_concurrency: 8,
  total_token_throughput: 1200,
  output_throughput: 400,
  mean_ttft_ms: 250,
  median_tpot_ms: 20,
  'p99.9_e2el_ms': 1500,
  chunk_gap: { mean_ms: 20 },
  duration: 60,
};
const job = {
  RUNNER_TYPE: 'h200',
  FRAMEWORK: 'vllm',
  PRECISION: 'fp8',
  SPEC_DECODING: 'none',
  RESULT_FILENAME: 'result',
  ISL: '1024',
  OSL: '512',
  DISAGG: 'false',
  MODEL_PREFIX: 'model',
  IMAGE: 'engine:v1',
};
const singleNode = { ...job, TP: '4', EP_SIZE: '1', DP_ATTENTION: 'false' };
const multiNode = {
  ...job,
  DISAGG: 'True',
  IS_MULTINODE: 'true',
  PREFILL_GPUS: '4',
  PREFILL_NUM_WORKERS: '1',
  PREFILL_TP: '4',
  PREFILL_EP: '4',
  PREFILL_DP_ATTN: 'true',
  DECODE_GPUS: '16',
  DECODE_NUM_WORKERS: '2',
  DECODE_TP: '8',
  DECODE_EP: '8',
  DECODE_DP_ATTN: 'false',
};
const shared = {
  hw: 'h200',
  conc: 8,
  image: 'engine:v1',
  model: 'org/model',
  infmax_model_prefix: 'model',
  framework: 'vllm',
  precision: 'fp8',
  spec_decoding: 'none',
  isl: 1024,
  osl: 512,
  mean_ttft: 0.25,
  median_tpot: 0.02,
  median_intvty: 50,
  'p99.9_e2el': 1.5,
};

test('the real spread of interactivity, if the raw result has it, is next to the public one', () => {
  expect(
    aggregateRowOfJob({ ...raw, std_tpot_ms: 2, interactivity: { mean: 50, std: 4.5 } }, singleNode),
  ).toMatchObject({
    std_intvty: 500,
    intvty_spread: 4.5,
  });
  expect(aggregateRowOfJob(raw, singleNode)).not.toHaveProperty('intvty_spread');
});

test('the shares of cached prompt tokens are in the row if the raw result has them', () => {
  const caches = { prefix_cache: { replies: 9, share: 0.4 }, ideal_prefix_cache: { share: 0.5 } };
  const row = aggregateRowOfJob({ ...raw, ...caches }, singleNode);
  expect(row).toMatchObject({ cached_prompt_share: 0.4, ideal_cached_share: 0.5 });
  const unknown = { ...caches, prefix_cache: { replies: 0, share: null } };
  expect(aggregateRowOfJob({ ...raw, ...unknown }, singleNode).cached_prompt_share).toBeNull();
  expect(aggregateRowOfJob(raw, singleNode)).not.toHaveProperty('cached_prompt_share');
});

test('the acceptance of drafts is in the row if the server says it, and marked if it was forced', () => {
  const server_metrics = { state: 'read', spec_decode: { acceptance: 0.5, acceptance_length: 2.5 } };
  const row = aggregateRowOfJob({ ...raw, server_metrics }, singleNode);
  expect(row).toMatchObject({ draft_acceptance: 0.5, acceptance_length: 2.5 });
  expect(row).not.toHaveProperty('forced_acceptance_length');
  const forced_acceptance = { acceptance_length: 2.49, draft_tokens: 3 };
  expect(aggregateRowOfJob({ ...raw, forced_acceptance }, singleNode)).toMatchObject({
    forced_acceptance_length: 2.49,
  });
  const none = { server_metrics: { state: 'unavailable', reason: 'no answer' } };
  expect(aggregateRowOfJob({ ...raw, ...none }, singleNode)).not.toHaveProperty('acceptance_length');
});

describe('an aggregate row', () => {
  test('on one node every throughput is divided by the tensor parallelism', () => {
    expect(aggregateRowOfJob(raw, singleNode)).toEqual({
      ...shared,
      disagg: false,
      is_multinode: false,
      tp: 4,
      ep: 1,
      dp_attention: 'false',
      tput_per_gpu: 300,
      output_tput_per_gpu: 100,
      input_tput_per_gpu: 200,
    });
  });

  test('on several nodes input is divided by the prefill GPUs, output by the decode GPUs, the total by all', () => {
    expect(aggregateRowOfJob(raw, multiNode)).toEqual({
      ...shared,
      disagg: true,
      is_multinode: true,
      prefill_tp: 4,
      prefill_ep: 4,
      prefill_dp_attention: 'true',
      prefill_num_workers: 1,
      decode_tp: 8,
      decode_ep: 8,
      decode_dp_attention: 'false',
      decode_num_workers: 2,
      num_prefill_gpu: 4,
      num_decode_gpu: 16,
      tput_per_gpu: 60,
      output_tput_per_gpu: 25,
      input_tput_per_gpu: 200,
    });
  });

  test('the interactivity stands right after the TPOT it is made of', () => {
    const fields = Object.keys(aggregateRowOfJob(raw, singleNode));
    expect(fields.slice(-4)).toEqual(['mean_ttft', 'median_tpot', 'median_intvty', 'p99.9_e2el']);
  });

  test('every missing variable is named at once, an empty one too', () => {
    expect(() =>
      aggregateRowOfJob(raw, { ...singleNode, IMAGE: undefined, PRECISION: '', TP: undefined }),
    ).toThrow('missing environment variables: IMAGE, PRECISION, TP');
    expect(() =>
      aggregateRowOfJob(raw, { ...multiNode, HW: 'x', RUNNER_TYPE: '', DECODE_TP: undefined }),
    ).toThrow('missing environment variables: RUNNER_TYPE, DECODE_TP');
  });

  test('a variable that is not a number, and an invalid raw result, are refused', () => {
    expect(() => aggregateRowOfJob(raw, { ...singleNode, TP: 'eight' })).toThrow(
      "TP must be a whole number above 0, not 'eight'",
    );
    expect(() => aggregateRowOfJob({ ...raw, max_concurrency: null }, singleNode)).toThrow(/max_concurrency/);
  });

  test('what is not known is null, and so is what follows from it, and nothing else', () => {
    const unknown = {
      ...raw,
      total_token_throughput: null,
      mean_ttft_ms: null,
      median_tpot_ms: null,
      interactivity: { mean: null, std: null },
    };
    expect(aggregateRowOfJob(unknown, singleNode)).toMatchObject({
      tput_per_gpu: null,
      output_tput_per_gpu: 100,
      input_tput_per_gpu: null,
      mean_ttft: null,
      median_tpot: null,
      median_intvty: null,
      intvty_spread: null,
      'p99.9_e2el': 1.5,
    });
    expect(aggregateRowOfJob({ ...raw, output_throughput: null }, multiNode)).toMatchObject({
      tput_per_gpu: 60,
      output_tput_per_gpu: null,
      input_tput_per_gpu: null,
    });
  });

  test('no unknown becomes a number, whichever figures are unknown', () => {
    const figure = fc.option(fc.double({ min: 0.001, max: 1e6, noNaN: true }));
    const figures = fc.record({
      total_token_throughput: figure,
      output_throughput: figure,
      ...Object.fromEntries(
        ['mean', 'median', 'std', 'p90', 'p99', 'p99.9'].flatMap((statistic) =>
          ['ttft', 'tpot', 'itl', 'e2el'].map((metric) => [`${statistic}_${metric}_ms`, figure]),
        ),
      ),
    });
    fc.assert(
      fc.property(figures, fc.boolean(), (measured, isMultinode) => {
        const row = aggregateRowOfJob({ ...raw, ...measured }, isMultinode ? multiNode : singleNode);
        const { total_token_throughput: total, output_throughput: output } = measured;
        expect(row.tput_per_gpu === null).toBe(total === null);
        expect(row.output_tput_per_gpu === null).toBe(output === null);
        expect(row.input_tput_per_gpu === null).toBe(total === null || output === null);
        for (const [name, value] of Object.entries(measured)) {
          if (!name.endsWith('_ms')) continue;
          const field = name.replace(/_ms$/, '');
          expect(row[field] === null, field).toBe(value === null);
          if (field.includes('tpot'))
            expect(row[field.replace('tpot', 'intvty')] === null).toBe(value === null);
        }
        expect(aggregateRowSchema.parse(JSON.parse(JSON.stringify(row)))).toEqual(row);
        expect(parseAggregateRow(row)).toEqual(row);
        expect(summaryMarkdown([row])).not.toMatch(/NaN|null|undefined/);
      }),
    );
  });

  test('a row with an unknown identity is refused', () => {
    const row = aggregateRowOfJob(raw, singleNode);
    for (const field of ['hw', 'model', 'conc', 'isl', 'tp', 'dp_attention']) {
      expect(() => parseAggregateRow({ ...row, [field]: null }), field).toThrow(z.ZodError);
      expect(aggregateRowSchema.safeParse({ ...row, [field]: null }).success, field).toBe(false);
    }
  });

  test('a row may have null for a later field that its point lacks', () => {
    const row = { ...aggregateRowOfJob(raw, singleNode), kv_offload_backend: null };
    expect(parseAggregateRow(row)).toEqual(row);
    expect(aggregateRowSchema.parse(row)).toEqual(row);
  });

  test('replies of one token have no TPOT and so no interactivity', () => {
    const row = aggregateRowOfJob({ ...raw, median_tpot_ms: 0 }, singleNode);
    expect(row).toMatchObject({ median_tpot: 0 });
    expect(row).not.toHaveProperty('median_intvty');
  });
});

describe('power that our own telemetry recorded', () => {
  const device = { energy_j: 30_000, covers_window: true, longest_gap_s: 1 };
  const recorded = (devices: readonly object[], more = {}) => ({
    ...raw,
    fidelity: {},
    started_at: 1_785_000_000,
    completed: 100,
    total_input_tokens: 50_000,
    total_output_tokens: 24_000,
    telemetry: { power: { state: 'measured', of: 'accelerators', devices, ...more } },
  });
  const powerOf = (result: object) => {
    const fields = Object.entries(aggregateRowOfJob(result, { ...singleNode, TP: '2' }));
    return Object.fromEntries(fields.filter(([field]) => /power|energy|joules/.test(field)));
  };

  test('is in the row, by the rules of the public contract', () => {
    expect(powerOf(recorded([device, device]))).toEqual({
      power_metric_schema_version: 2,
      power_valid: 1,
      avg_power_w: 500,
      avg_total_gpu_power_w: 1000,
      total_gpu_energy_j: 60_000,
      joules_per_successful_query: 600,
      joules_per_input_token: 1.2,
      joules_per_output_token: 2.5,
      joules_per_total_token: 0.810811,
    });
  });

  test('over a part of a test is divided by what the server made in it', () => {
    const part = { window: { from_s: 10 }, output_throughput: 500, total_token_throughput: 1500 };
    expect(powerOf({ ...recorded([device, device]), ...part })).toMatchObject({
      joules_per_output_token: 2,
      joules_per_input_token: 1,
    });
  });

  test.each([
    ['another number of GPUs', recorded([device])],
    ['a gap of more than 3 s', recorded([device, { ...device, longest_gap_s: 3.5 }])],
    ['readings that begin or end inside the window', recorded([device, { ...device, covers_window: false }])],
    ['tokens that are not known', { ...recorded([device, device]), total_output_tokens: null }],
  ])('is not valid with %s', (_, result) => {
    expect(powerOf(result)).toEqual({ power_metric_schema_version: 2, power_valid: 0 });
  });

  test('is left out where it is of the CPU, of several nodes, or from an older result', () => {
    expect(powerOf(recorded([device, device], { of: 'cpu' }))).toEqual({});
    expect(powerOf(recorded([{ energy_j: 30_000 }]))).toEqual({});
    expect(aggregateRowOfJob(recorded([device, device]), multiNode)).not.toHaveProperty('power_valid');
  });
});
