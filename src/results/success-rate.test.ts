import { describe, expect, test } from 'vitest';
import { hardwareOfPools, jobsSchema, successRates } from './success-rate.ts';

const job = (name: string, conclusion: string | null) => ({ name, conclusion });

describe('successRates', () => {
  test('counts the jobs of each hardware and what succeeded, without the skipped ones', () => {
    const jobs = [
      job('dsr1 fp4 b200 sglang', 'success'),
      job('dsr1 fp4 b200-trt trt', 'failure'),
      job('dsr1_1k1k_b200_conc4', 'skipped'),
      job('gptoss (B200, 1k1k)', null),
      job('gptoss h100-cw_0 vllm', 'success'),
      job('collect results', 'success'),
    ];
    expect(successRates(jobs, ['b200', 'h100', 'mi300x'])).toEqual({
      b200: { n_success: 1, total: 3 },
      h100: { n_success: 1, total: 1 },
    });
  });

  test('a hardware is a whole word of the name: b200 is no word of gb200', () => {
    expect(successRates([job('dsr1 gb200 dynamo', 'success')], ['b200', 'gb200'])).toEqual({
      gb200: { n_success: 1, total: 1 },
    });
  });

  test('jobs may come as one page, as pages and as a plain list', () => {
    const one = job('b200', 'success');
    expect(jobsSchema.parse({ total_count: 1, jobs: [{ ...one, id: 7 }] })).toEqual([one]);
    expect(jobsSchema.parse([{ jobs: [one] }, { jobs: [one] }])).toEqual([one, one]);
    expect(jobsSchema.parse([one])).toEqual([one]);
  });

  test('a pool for one engine is a pool of its hardware', () => {
    expect(hardwareOfPools(['b200', 'b200-trt', 'cpu'])).toEqual(['b200', 'cpu']);
  });
});
