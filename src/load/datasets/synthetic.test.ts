import { describe, expect, it } from 'vitest';
import { SyntheticDataset, type SyntheticSpec, syntheticPrompts } from './synthetic.ts';
import { tokenIdVocabulary, wordVocabulary } from './vocabulary.ts';

const random = { kind: 'random', inputLen: 100, outputLen: 40, rangeRatio: 0.8 } as const;
const tokenIds = tokenIdVocabulary({ low: 1000, high: 29_999 });
const make = (spec: SyntheticSpec, count: number, seed: number): SyntheticDataset =>
  new SyntheticDataset(syntheticPrompts(spec, count, seed), tokenIds, seed, 0);
const json = (dataset: SyntheticDataset, index: number): unknown =>
  JSON.parse(Buffer.from(dataset.prompt(index).body.json).toString());
const idsOf = (dataset: SyntheticDataset, index: number): number[] => {
  const ids = json(dataset, index);
  return Array.isArray(ids) ? ids.map(Number) : [];
};
const commonHead = (a: readonly number[], b: readonly number[]): number => {
  const differs = a.findIndex((id, index) => id !== b[index]);
  return differs === -1 ? a.length : differs;
};

describe('SyntheticDataset', () => {
  it('has exactly the stated number of token ids, within the requested range', () => {
    const dataset = make(random, 300, 3);
    const lens = new Set<number>();
    for (let index = 0; index < dataset.length; index++) {
      const { inputTokens = 0, outputTokens } = dataset.prompt(index);
      const ids = json(dataset, index);
      expect(ids).toHaveLength(inputTokens);
      expect(ids).toSatisfy((list: number[]) => list.every((id) => id >= 1000 && id <= 29_999));
      expect(outputTokens).toBeGreaterThanOrEqual(32);
      expect(outputTokens).toBeLessThanOrEqual(40);
      lens.add(inputTokens);
    }
    expect([Math.min(...lens), Math.max(...lens)]).toEqual([80, 100]);
    expect(lens.size).toBe(21);
  });

  it('has as many words as tokens, minus the chat template', () => {
    const vocabulary = wordVocabulary(['one', 'two', 'six']);
    const dataset = new SyntheticDataset(syntheticPrompts(random, 20, 3), vocabulary, 3, 9);
    for (let index = 0; index < 20; index++) {
      expect(String(json(dataset, index)).match(/ (one|two|six)/g)).toHaveLength(
        (dataset.prompt(index).inputTokens ?? 0) - 9,
      );
    }
  });

  it('gives the same bytes for the same seed, and no two prompts with a common prefix', () => {
    const bytes = (seed: number): string[] => {
      const dataset = make(random, 50, seed);
      return Array.from({ length: 50 }, (_, index) =>
        Buffer.from(dataset.prompt(index).body.json).toString(),
      );
    };
    expect(bytes(5)).toEqual(bytes(5));
    expect(bytes(5)).not.toEqual(bytes(6));
    expect(new Set(bytes(5).map((text) => text.split(',').slice(0, 3).join())).size).toBe(50);
  });

  it('supports lengths of one', () => {
    const dataset = make({ ...random, inputLen: 1, outputLen: 1 }, 1, 1);
    expect(json(dataset, 0)).toHaveLength(1);
  });

  it('supports prompts longer than its pool', () => {
    expect(json(make({ ...random, inputLen: 100_000, rangeRatio: 1 }, 1, 1), 0)).toHaveLength(100_000);
  });

  it('shares prefixes among the requested number of groups, and nothing after them', () => {
    const spec = { ...random, kind: 'shared-prefix', prefixLen: 64, groups: 2, share: 1 } as const;
    const dataset = make(spec, 40, 1);
    const all = Array.from({ length: 40 }, (_, index) => idsOf(dataset, index));
    expect(new Set(all.map((ids) => ids.slice(0, 64).join())).size).toBe(2);
    expect(new Set(all.map((ids) => ids.slice(64, 68).join())).size).toBe(40);
    expect(all[0]).toHaveLength(dataset.prompt(0).inputTokens ?? 0);
    const none = make({ ...spec, share: 0 }, 40, 1);
    expect(
      new Set(Array.from({ length: 40 }, (_, index) => idsOf(none, index).slice(0, 4).join())).size,
    ).toBe(40);
  });

  it('extends the prompts of a conversation by everything said, with pauses', () => {
    const turns = [1, 2, 3].map((turn) => ({ inputTokens: 20, outputTokens: 10, pauseS: turn }));
    const dataset = make({ kind: 'conversations', conversations: [turns, turns] }, 6, 1);
    const prompts = [0, 1, 2, 3].map((index) => idsOf(dataset, index));
    expect(prompts.map((ids) => ids.length)).toEqual([20, 50, 80, 20]);
    expect(commonHead(prompts[0] ?? [], prompts[1] ?? [])).toBe(20);
    expect(commonHead(prompts[1] ?? [], prompts[2] ?? [])).toBe(50);
    expect(commonHead(prompts[0] ?? [], prompts[3] ?? [])).toBeLessThan(3);
    expect([0, 1, 2, 3].map((index) => dataset.pauseBeforeMs(index))).toEqual([
      undefined,
      2000,
      3000,
      undefined,
    ]);
  });

  it('shares the blocks that a trace names', () => {
    const requests = [[7, 8, 9], [7, 8, 5], [1]].map((blocks) => ({
      inputTokens: 25,
      outputTokens: 4,
      blocks,
    }));
    const dataset = make({ kind: 'trace', blockTokens: 10, requests }, 3, 1);
    const [first = [], second = [], third = []] = [0, 1, 2].map((index) => idsOf(dataset, index));
    expect([first.length, second.length, third.length]).toEqual([25, 25, 25]);
    expect(commonHead(first, second)).toBe(20);
    expect(commonHead(first, third)).toBeLessThan(3);
  });
});
