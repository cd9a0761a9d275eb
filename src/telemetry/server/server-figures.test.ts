import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { CounterReset, increaseIn, latencyIn } from './increases.ts';
import { serverFigures } from './server-figures.ts';

const at = (before: string, after: string) => ({ before: [before], after: [after] });

/** A histogram as an engine publishes it. */
function histogram(name: string, seconds: readonly number[], bounds: readonly number[], labels = ''): string {
  const more = labels === '' ? '' : `${labels},`;
  return [
    `# TYPE ${name} histogram`,
    ...bounds.map((le) => `${name}_bucket{${more}le="${le}"} ${seconds.filter((s) => s <= le).length}`),
    `${name}_bucket{${more}le="+Inf"} ${seconds.length}`,
    `${name}_sum{${labels}} ${seconds.reduce((sum, s) => sum + s, 0)}`,
    `${name}_count{${labels}} ${seconds.length}`,
    '',
  ].join('\n');
}

describe('a counter', () => {
  test('increases by the sum over its label sets, and a new one starts at 0', () => {
    const texts = at('n_total{a="1"} 5\n', 'n_total{a="1"} 7\nn_total{a="2"} 3\nn_total_of_others 90\n');
    expect(increaseIn(texts, 'n_total')).toBe(5);
  });

  test('is unknown if no text has it, and unchanged if it is declared without values', () => {
    expect(increaseIn(at('', 'm_total 4\n'), 'n_total')).toBeNull();
    expect(increaseIn(at('', '# TYPE n_total counter\n'), 'n_total')).toBe(0);
  });

  test.each([
    ['decreased', 'n_total 5\n', 'n_total 4\n'],
    ['lost a label set', 'n_total{a="1"} 5\nn_total{a="2"} 1\n', 'n_total{a="1"} 6\n'],
    ['disappeared', 'n_total 5\n', 'm_total 9\n'],
  ])('that %s shows that the server was restarted', (_, before, after) => {
    expect(() => increaseIn(at(before, after), 'n_total')).toThrow(CounterReset);
  });

  test('adds up over several places of one server, whatever their labels', () => {
    const texts = { before: ['n_total 1\n', 'n_total 10\n'], after: ['n_total 2\n', 'n_total 15\n'] };
    expect(increaseIn(texts, 'n_total')).toBe(6);
  });

  test('has the first of its names that is present', () => {
    const texts = at('old_total 1\n', 'old_total 4\n');
    expect(increaseIn(texts, ['new_total', 'old_total'])).toBe(3);
  });
});

describe('a histogram', () => {
  test('covers the time between the readings: an exact mean, and the buckets of quantiles', () => {
    const bounds = [0.1, 0.2, 0.4];
    const earlier = [0.05, 0.05, 9];
    const during = [0.15, 0.15, 0.35, 0.35];
    const texts = at(histogram('ttft', earlier, bounds), histogram('ttft', [...earlier, ...during], bounds));
    expect(latencyIn(texts, 'ttft')).toEqual({
      count: 4,
      mean_ms: expect.closeTo(250, 6),
      median_within_ms: [100, 200],
      p99_within_ms: [200, 400],
    });
  });

  test('gives a quantile above the last limit no upper limit, and null for label sets with different limits', () => {
    expect(latencyIn(at('', histogram('ttft', [5, 6], [1])), 'ttft')).toMatchObject({
      mean_ms: 5500,
      median_within_ms: [1000, null],
      p99_within_ms: [1000, null],
    });
    const mixed = histogram('ttft', [1], [1, 2], 'rank="0"') + histogram('ttft', [1], [1, 3], 'rank="1"');
    expect(latencyIn(at('', mixed), 'ttft')).toMatchObject({
      count: 2,
      mean_ms: 1000,
      median_within_ms: null,
    });
  });

  test('has no mean without observations, and is unknown if it is missing', () => {
    const same = histogram('ttft', [1], [1]);
    expect(latencyIn(at(same, same), 'ttft')).toEqual({
      count: 0,
      mean_ms: null,
      median_within_ms: null,
      p99_within_ms: null,
    });
    expect(latencyIn(at('', 'busy 1\n'), 'ttft')).toBeUndefined();
  });

  test('puts a median into the bucket of the middle sample', () => {
    const seconds = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), {
      minLength: 1,
      maxLength: 40,
    });
    const bounds = [0.01, 0.1, 0.5, 1, 2, 5, 10];
    fc.assert(
      fc.property(seconds, seconds, (earlier, during) => {
        const texts = at(histogram('h', earlier, bounds), histogram('h', [...earlier, ...during], bounds));
        const found = latencyIn(texts, 'h');
        expect(found?.count).toBe(during.length);
        expect(found?.mean_ms).toBeCloseTo((1000 * during.reduce((sum, s) => sum + s, 0)) / during.length, 3);
        const middle = during.toSorted((a, b) => a - b)[Math.ceil(during.length / 2) - 1] ?? 0;
        const upper = bounds.find((bound) => middle <= bound) ?? 0;
        const lower = bounds.findLast((bound) => bound < upper) ?? 0;
        expect(found?.median_within_ms).toEqual([1000 * lower, 1000 * upper]);
      }),
      { numRuns: runs(50) },
    );
  });
});

describe("the server's figures for a window", () => {
  test('are null if the server does not publish them, and never 0', () => {
    const names = { finishedRequests: 'done_total', preemptions: 'lost_total', prefixCacheHits: 'hit_total' };
    expect(serverFigures(at('busy 1\n', 'busy 2\n'), { names, latencies: { ttft: 'ttft' } })).toEqual({
      finished_requests: null,
      prompt_tokens: null,
      generation_tokens: null,
      latencies: {},
      prefix_cache: null,
      external_cache: null,
      prompt_tokens_from: null,
      kv_offload: null,
      preemptions: null,
      spec_decode: null,
    });
  });

  test('contain prefix-cache hits, from looked-up tokens or from found and missing ones', () => {
    const texts = at('', 'asked_total 400\nhit_total 100\nnew_total 300\n');
    const share = { queried_tokens: 400, hit_tokens: 100, share: 0.25 };
    const looked = { prefixCacheQueries: 'asked_total', prefixCacheHits: 'hit_total' };
    const found = { prefixCacheMisses: 'new_total', prefixCacheHits: 'hit_total' };
    expect(serverFigures(texts, { names: looked }).prefix_cache).toEqual(share);
    expect(serverFigures(texts, { names: found }).prefix_cache).toEqual(share);
    const still = at('asked_total 4\nhit_total 1\n', 'asked_total 4\nhit_total 1\n');
    expect(serverFigures(still, { names: looked }).prefix_cache).toEqual({
      queried_tokens: 0,
      hit_tokens: 0,
      share: null,
    });
  });

  test('contain prompt tokens by source, of the sources that the server counts', () => {
    const from = (cached: number, computed: number) =>
      [
        `prompt_by_source_total{engine="0",source="cache"} ${cached}`,
        `prompt_by_source_total{source="cache",engine="1"} ${cached}`,
        `prompt_by_source_total{engine="0",source="compute"} ${computed}`,
        `prompt_by_source_total{engine="0",other_source="cache"} 999`,
        '',
      ].join('\n');
    const name = 'prompt_by_source_total';
    const promptTokensFrom = {
      gpuCache: { name, label: ['source', 'cache'] as const },
      cpuOrExternalCache: { name, label: ['source', 'transfer'] as const },
      computed: { name, label: ['source', 'compute'] as const },
    };
    const figures = serverFigures(at(from(10, 5), from(40, 25)), { names: {}, promptTokensFrom });
    expect(figures.prompt_tokens_from).toEqual({ gpuCache: 60, cpuOrExternalCache: null, computed: 20 });
  });

  test('contain the bandwidth of KV offloading in each direction, or null if nothing was moved', () => {
    const names = { kvBytesToCpu: 'out_bytes', kvSecondsToCpu: 'out_s', kvBytesToGpu: 'in_bytes' };
    const texts = at('out_bytes 0\nout_s 0\nin_bytes 7\n', 'out_bytes 4000\nout_s 2\nin_bytes 7\n');
    expect(serverFigures(texts, { names }).kv_offload).toEqual({
      to_cpu: { bytes: 4000, seconds: 2, bytes_per_s: 2000 },
      to_gpu: { bytes: 0, seconds: null, bytes_per_s: null },
    });
  });
});
