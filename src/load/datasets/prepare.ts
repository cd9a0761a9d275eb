import type { Backend } from '../backends/index.ts';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { probePromptTokens } from '../probe.ts';
import type { Stream } from '../stream.ts';
import type { Dataset } from './dataset.ts';
import { RandomDataset } from './random.ts';
import { ordinaryTokenIds, tokenIdVocabulary, type Vocabulary, wordVocabulary } from './vocabulary.ts';
import { commonWords } from './words.ts';

/**
 * The prompts of a test and of its warm-up, drawn before the clock starts. Where prompts must be text, their exact
 * length is learnt by asking the server what it counts. Throws LoadError `unsupported`.
 */
export async function prepareDataset(
  test: LoadTest,
  backend: Backend,
  streams: readonly Stream[],
  signal: AbortSignal,
): Promise<{ dataset: Dataset; warmup: Dataset }> {
  const { vocabulary, overheadTokens } = await exactVocabulary(test, backend, streams, signal);
  const random = (numPrompts: number, seed: number): Dataset =>
    new RandomDataset(test.dataset, { numPrompts, seed, vocabulary, overheadTokens });
  return {
    dataset: random(test.numPrompts, test.seed),
    // Another seed: a warm-up must not put the measured prompts into the server's prefix cache.
    warmup: random(test.warmupRequests, test.seed ^ 0x5eed),
  };
}

async function exactVocabulary(
  test: LoadTest,
  backend: Backend,
  streams: readonly Stream[],
  signal: AbortSignal,
): Promise<{ vocabulary: Vocabulary; overheadTokens: number }> {
  if (backend.prompts.includes('token-ids')) {
    return { vocabulary: tokenIdVocabulary(test.tokenIds ?? ordinaryTokenIds), overheadTokens: 0 };
  }
  const [stream] = streams;
  if (stream === undefined) throw new LoadError('unsupported', 'no connection to ask the server on');
  const [first = 'the'] = commonWords;
  const few = await probePromptTokens(stream, textOf([first]), signal);
  const all = await probePromptTokens(stream, textOf(commonWords), signal);
  const vocabulary = wordVocabulary(commonWords);
  // Without a usage, or with words of several tokens, lengths are those of words; the cross-check will say so.
  if (few === undefined || all === undefined || all - few !== commonWords.length - 1) {
    return { vocabulary, overheadTokens: 0 };
  }
  const overheadTokens = few - 1;
  if (overheadTokens >= test.dataset.inputLen * test.dataset.rangeRatio) {
    throw new LoadError(
      'unsupported',
      `the chat template alone takes ${overheadTokens} tokens, as many as the shortest prompt asked for`,
      { hint: 'ask for longer inputs, or measure without the chat template' },
    );
  }
  return { vocabulary, overheadTokens };
}

function textOf(words: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(words.map((word) => ` ${word}`).join('')));
}
