import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDataset } from '../kinds.ts';
import type { DatasetOptions } from '../options.ts';
import { Corpus, estimateTokens } from './cut.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function textsOf(options: DatasetOptions): Promise<string[]> {
  const { dataset } = await makeDataset('random', { numPrompts: 50, seed: 3, ...options });
  if (dataset.kind !== 'texts') throw new Error('a corpus gives texts');
  return dataset.prompts.map((prompt) => ('text' in prompt ? prompt.text : ''));
}

describe('prompts from a corpus', () => {
  test.each(['prose', 'code', 'mixed'])('of %s have about the requested length', async (corpus) => {
    for (const inputLen of [20, 300, 9000]) {
      const texts = await textsOf({ corpus, inputLen });
      for (const text of texts)
        expect(Math.abs(estimateTokens(text) - inputLen)).toBeLessThan(8 + 0.15 * inputLen);
    }
  });

  test('never start alike, and are the same for the same seed', async () => {
    const texts = await textsOf({ corpus: 'code', inputLen: 100 });
    expect(new Set(texts.map((text) => text.slice(0, 12))).size).toBe(50);
    expect(await textsOf({ corpus: 'code', inputLen: 100 })).toEqual(texts);
    expect(await textsOf({ corpus: 'code', inputLen: 100, seed: 4 })).not.toEqual(texts);
  });

  test('contain the text of a file in its order, from any place on', async () => {
    const text = Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ');
    const file = join(folder, 'corpus.txt');
    await writeFile(file, text);
    const [first = ''] = await textsOf({ corpus: file, inputLen: 40 });
    const words = first.split('\n').slice(1).join('\n').split(/\s+/);
    const numbers = words.map((word) => Number(word.replace('word', '')));
    for (const [index, number] of numbers.slice(1).entries())
      expect(number).toBe(((numbers[index] ?? 0) + 1) % 300);
  });

  test('are exact if every word is one token', () => {
    const corpus = new Corpus('a b c d e f g h i j', () => 1);
    expect(corpus.from(0.3, 4).split(/\s+/)).toEqual(['d', 'e', 'f', 'g']);
    expect(corpus.from(0.8, 13).split(/\s+/)).toHaveLength(13);
  });

  test('follow a distribution of lengths', async () => {
    const texts = await textsOf({ corpus: 'prose', inputLenDist: '1*fixed:30+1*fixed:600', numPrompts: 60 });
    const long = texts.filter((text) => text.length > 1000).length;
    expect(long).toBeGreaterThan(10);
    expect(long).toBeLessThan(50);
  });

  test('are rejected if the file is missing, too short or not text', async () => {
    await expect(textsOf({ corpus: join(folder, 'none') })).rejects.toThrow(/none: cannot read the corpus/);
    const file = join(folder, 'short.txt');
    await writeFile(file, 'too short');
    await expect(textsOf({ corpus: file })).rejects.toThrow(/short\.txt: the corpus has fewer than 200/);
    await writeFile(file, Buffer.alloc(500));
    await expect(textsOf({ corpus: file })).rejects.toThrow('is not UTF-8 text');
  });
});
