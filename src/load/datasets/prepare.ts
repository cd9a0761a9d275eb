import type { Backend } from '../backends/index.ts';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { type CountedTokens, probe } from '../probe.ts';
import type { KeepTexts } from '../recording.ts';
import type { Stream } from '../stream.ts';
import { ChatConversations } from './chat-conversations.ts';
import { composedDataset } from './composed.ts';
import type { Dataset } from './dataset.ts';
import { seedOfPrompts } from './index.ts';
import { WithQuestions } from './questions.ts';
import { SyntheticDataset, syntheticPrompts, warmUpPrompts } from './synthetic.ts';
import { type GivenPrompt, TextsDataset, textIn, warmUpTexts } from './texts.ts';
import { loadTokenizer, tokenizerWords } from './tokenizer-words.ts';
import { ordinaryTokenIds, type VocabularySpec, vocabularyOf } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** Makes the warm-up's seed differ from the test's, so that it does not fill the prefix cache with measured prompts. */
const warmupSeedMask = 0x5eed;

/** How a test's prompts are written so that their lengths are exact: plain data, the same for every thread. */
export interface PromptPlan {
  /** What synthetic prompts are drawn from; undefined for given texts. */
  readonly vocabulary: VocabularySpec | undefined;
  /** Tokens that the server adds to every prompt: a chat template, a beginning-of-text token. */
  readonly overheadTokens: number;
  /** The tokenizer's count for each given text, if there is a tokenizer. */
  readonly textTokens: readonly number[] | undefined;
  readonly keepTexts: KeepTexts;
}

/**
 * Determines before the clock starts how to write prompts of exact length: with a tokenizer file, as token ids, or in
 * words that the server was seen to count as one token each. Throws LoadError `unsupported`.
 */
export async function planPrompts(
  test: LoadTest,
  backend: Backend,
  probeStream: () => Promise<Stream>,
  signal: AbortSignal,
): Promise<PromptPlan> {
  const { tokenizerFile: file, dataset } = test;
  const textTokens =
    file === undefined || dataset.kind !== 'texts'
      ? undefined
      : await countTexts(file, dataset.prompts.slice(0, test.numPrompts));
  if (file === undefined && backend.prompts.includes('token-ids') && test.promptFormat !== 'text') {
    const range = test.tokenIds ?? ordinaryTokenIds;
    const vocabulary = { kind: 'token-ids', ...range } as const;
    return { vocabulary, overheadTokens: 0, textTokens, keepTexts: 'none' };
  }
  if (dataset.kind === 'texts') {
    const keepTexts = file === undefined ? 'none' : backend.countsNoTokens === true ? 'all' : 'sample';
    return { vocabulary: undefined, overheadTokens: 0, textTokens, keepTexts };
  }
  const known = file === undefined ? undefined : await tokenizerWords(file);
  const words = known?.words ?? commonWords;
  // Only its server counts the tokens of a ranking, with the query for each document.
  if (backend.prompts.every((kind) => kind === 'ranking'))
    return { vocabulary: { kind: 'words', words }, overheadTokens: 0, textTokens, keepTexts: 'none' };
  const { overheadTokens, usage } = await probeWords(await probeStream(), words, signal);
  const keepTexts = file === undefined ? 'none' : usage?.completion === undefined ? 'all' : 'sample';
  const exact = (list: readonly string[], overhead: number): PromptPlan => ({
    vocabulary: { kind: 'words', words: list },
    overheadTokens: overhead,
    textTokens,
    keepTexts,
  });
  // The server's own count includes its chat template.
  if (overheadTokens !== undefined) return exact(words, overheadTokens);
  if (known !== undefined) return exact(words, known.overheadTokens);
  // Loaded on demand, because few servers need it.
  const { countsByServer, wordsByCounts } = await import('./server-tokenizer.ts');
  const counts = await countsByServer(test, signal);
  const served = counts === undefined ? undefined : await wordsByCounts(counts, words);
  // Without any count, lengths are counted in words; the cross-check reports this.
  return served === undefined ? exact(words, 0) : exact(served.words, served.overheadTokens);
}

/**
 * The measured prompts or those of the warm-up. A warm-up prompt shares no prefix with any measured prompt, so that it
 * leaves nothing useful in a prefix cache. Throws LoadError `unsupported` if a prompt is shorter than the chat
 * template.
 */
export function datasetOf(test: LoadTest, plan: PromptPlan, phase: 'measured' | 'warmup'): Dataset {
  const { questions } = test;
  const prompts = promptsOf(test, plan, phase);
  return questions === undefined || phase === 'warmup' ? prompts : new WithQuestions(prompts, questions);
}

function promptsOf(test: LoadTest, plan: PromptPlan, phase: 'measured' | 'warmup'): Dataset {
  const isWarmup = phase === 'warmup';
  const count = isWarmup ? test.warmupRequests : test.numPrompts;
  const { dataset: spec } = test;
  const seedOfTest = seedOfPrompts(test);
  const seed = isWarmup ? seedOfTest ^ warmupSeedMask : seedOfTest;
  if (spec.kind === 'texts') {
    return isWarmup
      ? new TextsDataset(warmUpTexts(spec, count, seed), count, undefined)
      : new TextsDataset(spec, count, plan.textTokens);
  }
  if (plan.vocabulary === undefined) throw new Error('synthetic prompts were planned without a vocabulary');
  if (spec.kind === 'composed') {
    const { overheadTokens } = plan;
    return composedDataset(spec, count, {
      seed,
      vocabulary: vocabularyOf(plan.vocabulary),
      overheadTokens,
    });
  }
  const prompts = (isWarmup ? warmUpPrompts : syntheticPrompts)(spec, count, seed);
  if (test.replies === 'server') return new ChatConversations(prompts, vocabularyOf(plan.vocabulary), seed);
  const shortest = prompts.reduce(
    (least, { segments }) => Math.min(least, segments.at(-1)?.tokens ?? 0),
    Number.POSITIVE_INFINITY,
  );
  if (plan.overheadTokens >= shortest) {
    throw new LoadError(
      'unsupported',
      `the chat template alone takes ${plan.overheadTokens} tokens, a prompt only ${shortest}`,
      { hint: 'use longer inputs, or measure without the chat template' },
    );
  }
  return new SyntheticDataset(prompts, vocabularyOf(plan.vocabulary), seed, plan.overheadTokens);
}

/** The number of words that proves that each is one token on the server. */
const provingWords = 200;

/**
 * `overheadTokens`: tokens counted in addition to the words; undefined if the server does not count one token per word.
 */
async function probeWords(
  stream: Stream,
  words: readonly string[],
  signal: AbortSignal,
): Promise<{ overheadTokens: number | undefined; usage: CountedTokens | undefined }> {
  const proof = words.slice(0, provingWords);
  const few = await probe(stream, textOf(proof.slice(0, 1)), signal);
  const all = await probe(stream, textOf(proof), signal);
  const isOneEach =
    few.prompt !== undefined && all.prompt !== undefined && all.prompt - few.prompt === proof.length - 1;
  return {
    overheadTokens: isOneEach && few.prompt !== undefined ? few.prompt - 1 : undefined,
    usage: few,
  };
}

function textOf(words: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(words.map((word) => ` ${word}`).join('')));
}

async function countTexts(file: string, prompts: readonly GivenPrompt[]): Promise<number[]> {
  const { count } = await loadTokenizer(file);
  return prompts.map((prompt) =>
    'tokenIds' in prompt ? prompt.tokenIds.length : count(textIn(prompt) ?? ''),
  );
}
