import { z } from 'zod';
import { ask } from '../http/ask.ts';
import type { LoadTest } from '../load-test.ts';
import type { TokenizerWords } from './tokenizer-words.ts';

/** Counts a text's tokens as the server does on the measured endpoint. */
export type CountTokens = (text: string) => Promise<number>;

const answerSchema = z.union([
  z.object({ count: z.number() }).transform(({ count }) => count),
  z.object({ tokens: z.array(z.unknown()) }).transform(({ tokens }) => tokens.length),
]);
const answerTimeoutMs = 10_000;

/**
 * Counts with the server's `/tokenize` (vLLM, SGLang, llama.cpp), including the template for chat messages if
 * supported; undefined if the server has no such endpoint.
 */
export async function countsByServer(test: LoadTest, signal: AbortSignal): Promise<CountTokens | undefined> {
  const chat = test.useChatTemplate || test.backend === 'openai-chat';
  const count: CountTokens = async (text) => {
    const body = chat
      ? { messages: [{ role: 'user', content: text }], add_generation_prompt: true }
      : // Each server reads the field names that it knows.
        { prompt: text, content: text, add_special_tokens: true, add_special: true };
    const answer = await ask(test, {
      path: '/tokenize',
      headers: { 'content-type': 'application/json', ...test.headers },
      body: JSON.stringify({ model: test.model, ...body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    return answerSchema.parse(JSON.parse(answer.text));
  };
  try {
    await count(' the');
    return count;
  } catch {
    return undefined;
  }
}

/** The smallest useful number of words to draw prompts from. */
const fewestWords = 8;

/**
 * The subset of `words` that are one token each in any sequence, and the tokens added on top. It is found by halving
 * the list if a part has a different number of tokens than words. Undefined if there are not enough.
 */
export async function wordsByCounts(
  count: CountTokens,
  words: readonly string[],
): Promise<TokenizerWords | undefined> {
  const rowOf = (list: readonly string[]): string => list.map((word) => ` ${word}`).join('');
  // A single word proves nothing: twice as many words must add exactly as many tokens.
  const isOneEach = async (list: readonly string[]): Promise<boolean> =>
    (await count(rowOf([...list, ...list]))) - (await count(rowOf(list))) === list.length;
  const good = async (list: readonly string[]): Promise<readonly string[]> => {
    if (await isOneEach(list)) return list;
    if (list.length === 1) return [];
    const middle = list.length >> 1;
    return [...(await good(list.slice(0, middle))), ...(await good(list.slice(middle)))];
  };
  const kept = await good(words);
  const [first] = kept;
  if (first === undefined || kept.length < fewestWords || !(await isOneEach(kept))) return undefined;
  return { words: kept, overheadTokens: (await count(rowOf([first]))) - 1 };
}
