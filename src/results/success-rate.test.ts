import { describe, expect, test } from 'vitest';
import {
  fleetRates,
  fleetsOf,
  hardwareBesideFleets,
  hardwareOfPools,
  jobsSchema,
  successRates,
} from './success-rate.ts';

const job = (name: string, conclusion: string | null) => ({ name, conclusion });

describe('successRates', () => {
  test('counts the jobs of each hardware type and what succeeded, without the skipped ones', () => {
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

  test('hardware is a whole word of the name: b200 does not match gb200', () => {
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

describe('a runners file with fleets', () => {
  const pools = new Map([
    ['b200', ['b200-cw_0', 'b200-dgxc_0']],
    ['b200-multinode', ['b200-nb_0']],
    ['cluster:b200-dgxc', ['b200-dgxc_0']],
    ['cluster:gb200-nv', ['gb200-nv_0']],
    ['cpu', ['this-machine']],
  ]);

  test('a job counts for the first fleet that its name has as a word, and fleets without jobs are listed', () => {
    const jobs = [
      job('dsv4 cluster:b200-dgxc vllm', 'success'),
      job('DSV4 B200-DGXC_0', null),
      job('b200-dgxc / gb200-nv', 'failure'),
      job('xb200-dgxc', 'success'),
    ];
    expect(fleetRates(jobs, fleetsOf(pools))).toEqual({
      'b200-dgxc': { n_success: 1, total: 3 },
      'gb200-nv': { n_success: 0, total: 0 },
    });
  });

  test('pools of which there is no fleet are counted by their hardware', () => {
    expect(hardwareBesideFleets(pools)).toEqual(['cpu']);
  });

  test('has the fleets that it describes if no label is one', () => {
    const described = Object.assign(new Map([['h100', ['h100_0']]]), {
      hardware: new Map([['h100-cw', {}]]),
    });
    expect(fleetsOf(described)).toEqual(['h100-cw']);
  });
});
