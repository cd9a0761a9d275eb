import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { byteLevelTokenizer } from './testdata/byte-level-tokenizer.ts';
import { tokenizerWords } from './tokenizer-words.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  file = join(folder, 'tokenizer.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('tokenizerWords', () => {
  it('finds exactly the words that are one token after a space', async () => {
    const json = byteLevelTokenizer(['the', 'time', 'model', 'at'], { beginOfText: false });
    await writeFile(file, JSON.stringify(json));
    const { words, overheadTokens } = await tokenizerWords(file);
    // Intermediate BPE pieces such as `tim` are also tokens after a space.
    expect(words.toSorted()).toEqual(['mod', 'mode', 'model', 'the', 'tim', 'time'].toSorted());
    expect(overheadTokens).toBe(0);
    const text = words.map((word) => ` ${word}`).join('');
    expect(new Tokenizer(json, {}).encode(text).ids).toHaveLength(words.length);
  });

  it('counts the tokens that the tokenizer adds to every text', async () => {
    await writeFile(file, JSON.stringify(byteLevelTokenizer(['the'], { beginOfText: true })));
    expect(await tokenizerWords(file)).toEqual({ words: ['the'], overheadTokens: 1 });
  });

  it.each([
    ['has no such words', JSON.stringify(byteLevelTokenizer([], { beginOfText: false })), 'unsupported'],
    ['is not JSON', 'hello', 'bad-test'],
  ])('rejects a file that %s', async (_, content, errorClass) => {
    await writeFile(file, content);
    await expect(tokenizerWords(file)).rejects.toMatchObject({ name: 'LoadError', errorClass });
  });
});
