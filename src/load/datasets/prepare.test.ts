import { describe, expect, it } from 'vitest';
import { someLoadTest } from '../../../test/support/some-load-test.ts';
import type { LoadTest } from '../load-test.ts';
import type { DatasetSpec } from './index.ts';
import { datasetOf, type PromptPlan } from './prepare.ts';

const plan: PromptPlan = {
  vocabulary: { kind: 'token-ids', low: 1000, high: 29_999 },
  overheadTokens: 0,
  textTokens: undefined,
  keepTexts: 'none',
};
const testOf = (dataset: DatasetSpec, changes: Partial<LoadTest> = {}): LoadTest => ({
  ...someLoadTest,
  baseUrl: 'http://127.0.0.1:1',
  dataset,
  numPrompts: 6,
  maxConcurrency: 2,
  seed: 3,
  warmupRequests: 20,
  stallTimeoutS: 1,
  connectTimeoutS: 1,
  ...changes,
});

/** The smallest part of a prompt that a prefix cache keeps: a block of 16 tokens, or as many characters. */
const headOf = (json: Uint8Array): string => {
  const value: unknown = JSON.parse(Buffer.from(json).toString());
  return JSON.stringify(Array.isArray(value) ? value.slice(0, 16) : String(value).slice(0, 16));
};
const headsOf = (test: LoadTest, phase: 'measured' | 'warmup'): string[] => {
  const dataset = datasetOf(test, plan, phase);
  return Array.from({ length: dataset.length }, (_, index) => headOf(dataset.prompt(index).body.json));
};

const turns = [0, 1, 2].map((turn) => ({ inputTokens: 40, outputTokens: 8, pauseS: turn }));
const lengths = { inputLen: 60, outputLen: 8, rangeRatio: 1 };
const kinds: readonly (readonly [string, DatasetSpec])[] = [
  ['random prompts', { kind: 'random', ...lengths }],
  ['common prefixes', { kind: 'shared-prefix', prefixLen: 32, groups: 2, share: 1, ...lengths }],
  ['conversations', { kind: 'conversations', conversations: [turns, turns], sharedPrefixTokens: 32 }],
  [
    'a trace with common blocks',
    {
      kind: 'trace',
      blockTokens: 16,
      seed: 9,
      requests: [0, 1, 2, 3, 4, 5].map((last) => ({
        inputTokens: 40,
        outputTokens: 8,
        blocks: [0, 1, last],
      })),
    },
  ],
  [
    'texts that begin alike',
    {
      kind: 'texts',
      prompts: [0, 1, 2, 3].map((number) => ({
        text: `${'You are helpful. '.repeat(9)}${number}`,
        outputTokens: 8,
      })),
    },
  ],
  [
    'token ids',
    {
      kind: 'texts',
      prompts: [0, 1].map((first) => ({
        tokenIds: Array.from({ length: 40 }, (_, index) => first + index),
        outputTokens: 8,
      })),
    },
  ],
  [
    'chat messages',
    {
      kind: 'texts',
      prompts: [{ messages: [{ role: 'user', content: 'Tell me about 0' }], outputTokens: 8 }],
    },
  ],
];

describe('the warm-up', () => {
  it.each(kinds)(
    'shares no prefix with measured prompts, and has the requested number of requests: %s',
    (_, spec) => {
      for (const seed of [0, 1, 4_294_967_295]) {
        const test = testOf(spec, { seed });
        const measured = new Set(headsOf(test, 'measured'));
        const warm = headsOf(test, 'warmup');
        expect(measured.size).toBeGreaterThan(0);
        expect(warm).toHaveLength(20);
        expect(warm.filter((head) => measured.has(head))).toEqual([]);
      }
    },
  );

  it.each(kinds)('is the same for the same seed: %s', (_, spec) => {
    expect(headsOf(testOf(spec), 'warmup')).toEqual(headsOf(testOf(spec), 'warmup'));
  });
});

describe('drawn prompts', () => {
  const drawn = kinds.filter(([, { kind }]) => kind !== 'texts' && kind !== 'trace');
  it.each(drawn)('share no prefix with those of another seed: %s', (_, spec) => {
    const first = new Set(headsOf(testOf(spec, { seed: 0 }), 'measured'));
    for (const seed of [1, 2, 7]) {
      expect(headsOf(testOf(spec, { seed }), 'measured').filter((head) => first.has(head))).toEqual([]);
    }
  });
});
