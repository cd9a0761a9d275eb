import { describe, expect, it } from 'vitest';
import { wordsByCounts } from './server-tokenizer.ts';

const words = ['the', 'of', 'and', 'to', 'in', 'is', 'that', 'for', 'it', 'as', 'was', 'with'];

/** A server that adds `overhead` tokens, and for which some words are several tokens. */
function serverWith(overhead: number, several: Readonly<Record<string, number>>) {
  let asked = 0;
  const count = async (text: string): Promise<number> => {
    asked++;
    const tokens = text.split(' ').slice(1);
    return overhead + tokens.reduce((sum, word) => sum + (several[word] ?? 1), 0);
  };
  return { count, asked: () => asked };
}

describe('wordsByCounts', () => {
  it('needs few requests if every word is a token', async () => {
    const server = serverWith(7, {});
    expect(await wordsByCounts(server.count, words)).toEqual({ words, overheadTokens: 7 });
    expect(server.asked()).toBeLessThan(8);
  });

  it('leaves out words that are several tokens', async () => {
    const { count } = serverWith(1, { that: 3, was: 2 });
    expect(await wordsByCounts(count, words)).toEqual({
      words: words.filter((word) => word !== 'that' && word !== 'was'),
      overheadTokens: 1,
    });
  });

  it('finds none if no word is one token', async () => {
    const { count } = serverWith(0, Object.fromEntries(words.map((word) => [word, 2])));
    expect(await wordsByCounts(count, words)).toBeUndefined();
  });
});
