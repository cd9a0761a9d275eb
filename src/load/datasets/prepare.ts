import type { Backend } from '../backends/index.ts';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { probePromptTokens } from '../probe.ts';
import type { Stream } from '../stream.ts';
import type { Dataset } from './dataset.ts';
import { SyntheticDataset, syntheticPrompts } from './synthetic.ts';
import { TextsDataset } from './texts.ts';
import { tokenizerWords } from './tokenizer-words.ts';
import { ordinaryTokenIds, tokenIdVocabulary, type Vocabulary, wordVocabulary } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** What makes a warm-up's seed another than its test's: it must not fill the prefix cache with measured prompts. */
const warmupSeedMask = 0x5eed;

/**
 * The prompts of a test and of its warm-up, drawn before the clock starts. Where synthetic prompts must be text, their
 * exact length is learnt by asking the server what it counts. Throws LoadError `unsupported`.
 */
export async function prepareDataset(
  test: LoadTest,
  backend: Backend,
  streams: readonly Stream[],
  signal: AbortSignal,
): Promise<{ dataset: Dataset; warmup: Dataset }> {
  const spec = test.dataset;
  if (spec.kind === 'texts') {
    return {
      dataset: new TextsDataset(spec, test.numPrompts),
      warmup: new TextsDataset(spec, test.warmupRequests),
    };
  }
  const { vocabulary, overheadTokens } = await exactVocabulary(test, backend, streams, signal);
  const synthetic = (count: number, seed: number): SyntheticDataset => {
    const prompts = syntheticPrompts(spec, count, seed);
    const shortest = prompts.reduce(
      (least, { segments }) => Math.min(least, segments.at(-1)?.tokens ?? 0),
      Infinity,
    );
    if (overheadTokens >= shortest) {
      throw new LoadError(
        'unsupported',
        `the chat template alone takes ${overheadTokens} tokens, a prompt only ${shortest}`,
        {
          hint: 'ask for longer inputs, or measure without the chat template',
        },
      );
    }
    return new SyntheticDataset(prompts, vocabulary, seed, overheadTokens);
  };
  return {
    dataset: synthetic(test.numPrompts, test.seed),
    warmup: synthetic(test.warmupRequests, test.seed ^ warmupSeedMask),
  };
}

async function exactVocabulary(
  test: LoadTest,
  backend: Backend,
  [stream]: readonly Stream[],
  signal: AbortSignal,
): Promise<{ vocabulary: Vocabulary; overheadTokens: number }> {
  if (test.tokenizerFile !== undefined) {
    const { words, overheadTokens } = await tokenizerWords(test.tokenizerFile);
    // The server's own count knows its chat template, too.
    const counted = await templateOverhead(stream, words, signal);
    return { vocabulary: wordVocabulary(words), overheadTokens: counted ?? overheadTokens };
  }
  if (backend.prompts.includes('token-ids')) {
    return { vocabulary: tokenIdVocabulary(test.tokenIds ?? ordinaryTokenIds), overheadTokens: 0 };
  }
  // Without a usage, or with words of several tokens, lengths are those of words; the cross-check will say so.
  const overheadTokens = (await templateOverhead(stream, commonWords, signal)) ?? 0;
  return { vocabulary: wordVocabulary(commonWords), overheadTokens };
}

/** How many words prove that each is one token to the server. */
const provingWords = 200;

/** Tokens that the server counts beside those of the words; undefined where it does not count a word as one token. */
async function templateOverhead(
  stream: Stream | undefined,
  words: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  if (stream === undefined) return undefined;
  const proof = words.slice(0, provingWords);
  const few = await probePromptTokens(stream, textOf(proof.slice(0, 1)), signal);
  const all = await probePromptTokens(stream, textOf(proof), signal);
  return few !== undefined && all !== undefined && all - few === proof.length - 1 ? few - 1 : undefined;
}

function textOf(words: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(words.map((word) => ` ${word}`).join('')));
}
