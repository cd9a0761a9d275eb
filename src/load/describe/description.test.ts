import { describe, expect, test } from 'vitest';
import type { MadeDataset } from '../datasets/options.ts';
import { describeArrivals } from './arrivals.ts';
import { describeTrace } from './description.ts';
import { traceAsHtml, traceAsSvg } from './picture.ts';
import { traceInWords } from './words.ts';

/** Two system prompts of two blocks; the second has two requests that go on differently. */
const trace: MadeDataset = {
  dataset: {
    kind: 'trace',
    blockTokens: 8,
    requests: [
      { inputTokens: 20, outputTokens: 4, blocks: [1, 2, 3] },
      { inputTokens: 24, outputTokens: 2, blocks: [5, 6, 7] },
      { inputTokens: 24, outputTokens: 6, blocks: [5, 6, 8] },
      { inputTokens: 3, outputTokens: 8, blocks: [] },
    ],
  },
  arrivals: { kind: 'trace', timestampsMs: [0, 500, 1000, 4000] },
  numPrompts: 4,
  notes: [],
};

describe('the description of a trace', () => {
  const description = describeTrace(trace, { seed: 0 });

  test('has its lengths, as figures and as a histogram', () => {
    expect(description.requests).toBe(4);
    expect(description.input).toMatchObject({ mean: 71 / 4, min: 3, p50: 22, max: 24, total: 71 });
    expect(description.output).toMatchObject({ mean: 5, min: 2, max: 8 });
    const { edges, counts } = description.input.histogram;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(edges).toHaveLength(counts.length + 1);
    for (const length of [3, 20, 24]) {
      const bucket = edges.findLastIndex((edge) => edge < length);
      expect(counts[bucket]).toBeGreaterThan(0);
    }
  });

  test('has the tree of prefixes in whole blocks', () => {
    expect(description.prefixes).toEqual({
      blockTokens: 8,
      differentTokens: 6 * 8,
      usedOnceTokens: 4 * 8,
      unsharedRequests: 2,
      roots: 2,
      largest: [{ tokens: 16, requests: 2 }],
    });
  });

  test('has the ideal hits by cache size', () => {
    const { unlimited, byCacheSize, blockTokens } = description.idealHits;
    expect(blockTokens).toBe(8);
    expect(unlimited).toBeCloseTo(16 / 71);
    expect(byCacheSize).toEqual([{ cacheTokens: 128, share: unlimited }]);
    const finer = describeTrace(trace, { seed: 0, blockTokens: 1 }).idealHits;
    const shares = finer.byCacheSize.map(({ share }) => Number(share));
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect(finer.unlimited).toBeCloseTo(16 / 71);
  });

  test('is drawn without references to anything outside, whatever the name of the file', () => {
    const name = '<script src="https://x/">.jsonl';
    const svg = traceAsSvg(description, name);
    for (const drawn of [svg, traceAsHtml(description, name, traceInWords(description))]) {
      expect(drawn).not.toMatch(/<script|NaN|undefined|href=|url\(/);
      expect(drawn).toContain('&lt;script');
      expect(drawn.match(/<g /g)).toHaveLength(4);
    }
    expect(svg).toMatch(/^<svg [^>]*xmlns/);
  });

  test('says so if there are no times', () => {
    const { arrivals: _, ...timeless } = trace;
    const words = traceInWords(describeTrace(timeless, { seed: 0 }));
    expect(words).toContain('the trace has no times');
    expect(words).toMatch(/no limit: +22\.5 %/);
  });
});

describe('arrivals', () => {
  test('at even intervals have no variation and no dispersion', () => {
    const even = describeArrivals(Array.from({ length: 101 }, (_, index) => 500 * index));
    expect(even).toMatchObject({
      durationS: 50,
      requestsPerS: 2,
      peakPerS: 2,
      gapVariation: 0,
      dispersion: 0,
    });
    expect(even.burstiness).toBeNull();
  });

  test('in bursts vary more than those of a Poisson process', () => {
    const bursts = describeArrivals(
      Array.from({ length: 100 }, (_, index) => 10_000 * Math.floor(index / 10) + index),
    );
    expect(bursts.gapVariation).toBeGreaterThan(2);
    expect(bursts.burstiness).toBeLessThan(0.25);
    expect(bursts.dispersion).toBeGreaterThan(5);
    expect(bursts.peakPerS).toBe(10);
  });

  test('all at once have no rate', () => {
    expect(describeArrivals([7, 7])).toMatchObject({ durationS: 0, requestsPerS: null, gapVariation: null });
  });
});
