import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benchmarkRow, evaluationRow, runUrl } from '../../test/support/public-api.ts';
import { parseAggregateRow } from '../results/index.ts';
import { byDay, jobCountOf, pointOf, scoreOf, splitOf } from './rows.ts';

const pointRow = (...changes: Parameters<typeof benchmarkRow>) =>
  parseAggregateRow(pointOf(benchmarkRow(...changes)).row.row);
const roles = (prefill: readonly number[], decode: readonly number[]) =>
  Object.fromEntries(
    Object.entries({ prefill, decode }).flatMap(([role, [tp, workers, gpus]]) => [
      [`${role}_tp`, tp],
      [`${role}_num_workers`, workers],
      [`num_${role}_gpu`, gpus],
    ]),
  );

describe('a benchmark row', () => {
  test('of an engine on one node becomes an aggregate row with its run', () => {
    expect(pointRow({ hardware: 'H200', image: 'lmsysorg/sglang:v0.5.6' })).toMatchObject({
      hw: 'h200',
      infmax_model_prefix: 'dsr1',
      model: 'DeepSeek-R1-0528',
      spec_decoding: 'none',
      image: 'lmsysorg/sglang:v0.5.6',
      is_multinode: false,
      tp: 8,
      ep: 1,
      dp_attention: 'false',
      conc: 4,
      tput_per_gpu: 100,
      output_tput_per_gpu: 50,
      median_ttft: 0.2,
      run_url: runUrl(1),
    });
    expect(pointRow()).not.toHaveProperty('prefill_tp');
  });

  test('of a disaggregated engine keeps the layout of each role', () => {
    const row = pointRow({ disagg: true, is_multinode: true, ...roles([4, 2, 8], [16, 1, 16]) });
    expect(row).toMatchObject({
      is_multinode: true,
      prefill_tp: 4,
      prefill_num_workers: 2,
      num_prefill_gpu: 8,
      decode_tp: 16,
      decode_num_workers: 1,
      num_decode_gpu: 16,
      decode_dp_attention: 'false',
    });
    expect(row).not.toHaveProperty('tp');
  });

  test('that lacks a figure has null for this figure only', () => {
    const { metrics, ...row } = benchmarkRow();
    const { output_tput_per_gpu: _, ...rest } = { output_tput_per_gpu: 0, ...Object(metrics) };
    expect(pointOf({ ...row, metrics: rest }).row.row).toMatchObject({
      output_tput_per_gpu: null,
      tput_per_gpu: 100,
      input_tput_per_gpu: 50,
      median_ttft: 0.2,
    });
  });

  test('that has the power per GPU gets the power of all GPUs', () => {
    expect(pointOf(benchmarkRow({}, { avg_power_w: 500 })).row.powerW).toBe(4000);
    expect(pointOf(benchmarkRow()).row.powerW).toBeNull();
  });

  test.each([
    ['prefill_tp', { prefill_tp: 'eight' }],
    ['spec_method', { spec_method: undefined }],
    ['date', { date: 'yesterday' }],
    ['run_url', { run_url: 'no address' }],
    ['run_url', { run_url: 'javascript:alert(1)' }],
    ['conc', { conc: 0 }],
  ])("with an invalid %s is rejected with the field's name", (field, changes) => {
    expect(() => pointOf(benchmarkRow(changes))).toThrow(field);
  });

  test("with text as a figure is rejected with the figure's name", () => {
    expect(() => pointOf(benchmarkRow({}, { median_ttft: '0.2 s' }))).toThrow('median_ttft');
  });
});

describe('GPUs of prefill and decode that are only given as a sum', () => {
  const count = fc.integer({ min: 1, max: 144 });
  const rate = fc.double({ min: 1, max: 1e5, noNaN: true });

  test('are computed from the throughputs per GPU', () => {
    fc.assert(
      fc.property(count, count, rate, rate, (prefill, decode, input, output) => {
        // If both roles are equally fast, the split cannot be computed.
        fc.pre(Math.abs(input - output) > 1e-3 * Math.max(input, output));
        const total = prefill + decode;
        const tput_per_gpu = (prefill * input + decode * output) / total;
        expect(
          splitOf(total, { tput_per_gpu, input_tput_per_gpu: input, output_tput_per_gpu: output }),
        ).toEqual({ prefill, decode });
      }),
    );
  });

  test('are in the row, without the rest of the layout', () => {
    const row = pointRow(
      { disagg: true, ...roles([72, 0, 72], [72, 0, 72]) },
      { tput_per_gpu: 200, input_tput_per_gpu: 300, output_tput_per_gpu: 150 },
    );
    expect(row).toMatchObject({ is_multinode: true, num_prefill_gpu: 24, num_decode_gpu: 48 });
    for (const field of ['prefill_tp', 'decode_tp', 'prefill_num_workers', 'tp'])
      expect(row).not.toHaveProperty(field);
  });

  test.each([
    ['a throughput is missing', { tput_per_gpu: 200, input_tput_per_gpu: 300, output_tput_per_gpu: null }],
    ['they contradict each other', { tput_per_gpu: 400, input_tput_per_gpu: 300, output_tput_per_gpu: 150 }],
    [
      'they do not give a whole number',
      { tput_per_gpu: 201, input_tput_per_gpu: 300, output_tput_per_gpu: 150 },
    ],
    ['both roles are equally fast', { tput_per_gpu: 150, input_tput_per_gpu: 150, output_tput_per_gpu: 150 }],
  ])('are not guessed if %s', (_, metrics) => {
    expect(() => splitOf(72, metrics)).toThrow('GPUs of prefill and decode');
  });
});

describe('an accuracy score', () => {
  test('is the strict-match score, with the layout of the decode role', () => {
    expect(scoreOf(evaluationRow({ decode_tp: 4 })).row.row).toMatchObject({
      model: 'DeepSeek-R1-0528',
      model_prefix: 'dsr1',
      hw: 'h200',
      tp: 4,
      dp_attention: 'false',
      score_name: 'em_strict',
      score: 0.95,
      score_se: 0.006,
      n_eff: 1319,
    });
  });

  test('of a model with another name here gets the prefix of its benchmark rows', () => {
    expect(scoreOf(evaluationRow({ model: 'gptoss120b' })).row.row).toMatchObject({ model_prefix: 'gptoss' });
  });

  test('without any score is rejected', () => {
    expect(() => scoreOf(evaluationRow({ metrics: { n_eff: 3 } }))).toThrow('em_strict');
  });
});

describe('jobs', () => {
  test('of one hardware type and day are added up, and a day without jobs is left out', () => {
    const row = (changes: object) =>
      jobCountOf({ hardware: 'B200', date: '2026-02-01', n_success: 3, total: 4, ...changes });
    expect(
      byDay([row({}), row({ n_success: 1, total: 1 }), row({ date: '2026-02-02', n_success: 0, total: 0 })]),
    ).toEqual([{ hw: 'b200', day: '2026-02-01', ended: 5, succeeded: 4 }]);
  });

  test('are rejected if more succeeded than ran', () => {
    expect(() => jobCountOf({ hardware: 'b200', date: '2026-02-01', n_success: 5, total: 4 })).toThrow(
      'n_success',
    );
  });
});
