import { describe, expect, it } from 'vitest';
import { RandomDataset } from './random.ts';
import { tokenIdVocabulary, wordVocabulary } from './vocabulary.ts';

const spec = { kind: 'random', inputLen: 100, outputLen: 40, rangeRatio: 0.8 } as const;
const tokenIds = tokenIdVocabulary({ low: 1000, high: 29_999 });
const json = (dataset: RandomDataset, index: number): unknown =>
  JSON.parse(Buffer.from(dataset.prompt(index).body.json).toString());

describe('RandomDataset', () => {
  it('has exactly as many token ids as it says, within the range asked', () => {
    const dataset = new RandomDataset(spec, { numPrompts: 300, seed: 3, vocabulary: tokenIds });
    const lens = new Set<number>();
    for (let index = 0; index < dataset.length; index++) {
      const { inputTokens, outputTokens } = dataset.prompt(index);
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

  it('has as many words as tokens, less what the template adds', () => {
    const vocabulary = wordVocabulary(['one', 'two', 'six']);
    const dataset = new RandomDataset(spec, { numPrompts: 20, seed: 3, vocabulary, overheadTokens: 9 });
    for (let index = 0; index < 20; index++) {
      expect(String(json(dataset, index)).match(/ (one|two|six)/g)).toHaveLength(
        dataset.prompt(index).inputTokens - 9,
      );
    }
  });

  it('gives the same bytes for the same seed, and no two prompts with a common head', () => {
    const bytes = (seed: number): string[] => {
      const dataset = new RandomDataset(spec, { numPrompts: 50, seed, vocabulary: tokenIds });
      return Array.from({ length: 50 }, (_, index) =>
        Buffer.from(dataset.prompt(index).body.json).toString(),
      );
    };
    expect(bytes(5)).toEqual(bytes(5));
    expect(bytes(5)).not.toEqual(bytes(6));
    expect(new Set(bytes(5).map((text) => text.split(',').slice(0, 3).join())).size).toBe(50);
  });

  it('takes lengths of one', () => {
    const dataset = new RandomDataset(
      { ...spec, inputLen: 1, outputLen: 1 },
      { numPrompts: 1, seed: 1, vocabulary: tokenIds },
    );
    expect(json(dataset, 0)).toHaveLength(1);
  });
});
