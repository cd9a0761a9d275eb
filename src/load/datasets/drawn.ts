import { defined } from '../../defined/defined.ts';
import { LoadError } from '../load-error.ts';
import { shardSeed } from '../shards.ts';
import { type ConversationShape, drawConversations } from './draw-conversations.ts';
import { parseLengths } from './length-distribution.ts';
import { type DatasetOptions, type MadeDataset, requestsOf } from './options.ts';

/** A common length of an agent's instructions and tool descriptions. */
const agentPrefixTokens = 2048;

function lengthsOf({
  inputLen,
  randomInputLen = 1024,
  outputLen,
  randomOutputLen = 128,
  randomRangeRatio = 1,
}: DatasetOptions) {
  return {
    inputLen: inputLen ?? randomInputLen,
    outputLen: outputLen ?? randomOutputLen,
    rangeRatio: randomRangeRatio,
  };
}

/** The distributions that the options name. Throws LoadError `bad-test`. */
async function distributionsOf({ inputLenDist, outputLenDist }: DatasetOptions) {
  if (inputLenDist === undefined && outputLenDist === undefined) return {};
  const { readLengthHistogram } = await import('./files/length-histogram.ts');
  const read = async (text: string | undefined, option: string) =>
    text === undefined ? undefined : await parseLengths(text, option, readLengthHistogram);
  return defined({
    inputLengths: await read(inputLenDist, '--input-len-dist'),
    outputLengths: await read(outputLenDist, '--output-len-dist'),
  });
}

/** vLLM's default. */
const defaultBatch = 1;

/** The half of a pair's tokens that is the query's, as in vLLM. */
const queryShare = 0.5;

/** Queries with documents to rank. The input length is that of a query and one document, as in vLLM. */
export async function makeRandomRanking(options: DatasetOptions): Promise<MadeDataset> {
  const { inputLen, rangeRatio, outputLen } = lengthsOf(options);
  const { randomQueryLen: queryTokens = Math.floor(inputLen * queryShare) } = options;
  if (!(queryTokens >= 1 && queryTokens < inputLen)) {
    throw new LoadError('bad-test', `a query of ${queryTokens} tokens leaves no document in ${inputLen}`, {
      hint: 'the input length is that of a query and one document: raise --random-input-len',
    });
  }
  const lengths = { inputLen: inputLen - queryTokens, outputLen, rangeRatio };
  return {
    dataset: {
      kind: 'composed',
      form: 'ranking',
      prompts: { kind: 'random', ...lengths, ...(await distributionsOf(options)) },
      documents: options.randomBatchSize ?? defaultBatch,
      queryTokens,
    },
    numPrompts: requestsOf(options),
    notes: [],
  };
}

/** Prompts with images. */
export async function makeRandomImages(options: DatasetOptions): Promise<MadeDataset> {
  const { randomMmBaseItemsPerRequest: base = 1, randomMmNumMmItemsRangeRatio: ratio = 0 } = options;
  const least = Math.floor(base * (1 - ratio));
  const most = Math.ceil(base * (1 + ratio));
  const { parseImageSizes, usualImageSizes } = await import('./image-sizes.ts');
  const { randomMmBucketConfig: sizes = usualImageSizes } = options;
  return {
    dataset: {
      kind: 'composed',
      form: 'images',
      prompts: { kind: 'random', ...lengthsOf(options), ...(await distributionsOf(options)) },
      images: { least, most, sizes: parseImageSizes(sizes) },
    },
    numPrompts: requestsOf(options),
    notes: [`each request has ${least === most ? least : `${least} to ${most}`} random images of ${sizes}`],
  };
}

export async function makeRandom(options: DatasetOptions): Promise<MadeDataset> {
  const { randomPrefixLen: prefixLen = 0, numPrefixes: groups = 1, prefixShare: share = 1 } = options;
  const lengths = { ...lengthsOf(options), ...(await distributionsOf(options)) };
  const { corpus, randomBatchSize: inputs = defaultBatch } = options;
  if (inputs > 1) {
    if (prefixLen > 0 || corpus !== undefined)
      throw new LoadError('bad-test', '--random-batch-size takes no --random-prefix-len and no --corpus');
    const prompts = { kind: 'random', ...lengths } as const;
    return {
      dataset: { kind: 'composed', form: 'list', prompts, inputs },
      numPrompts: requestsOf(options),
      notes: [`each request has ${inputs} inputs; --num-prompts counts requests, not inputs as in vLLM`],
    };
  }
  if (corpus !== undefined) {
    if (prefixLen > 0)
      throw new LoadError('bad-test', '--corpus takes no --random-prefix-len', {
        hint: 'prompts that are cut from a text have no common prefix',
      });
    const { makeFromCorpus } = await import('./corpus/index.ts');
    return await makeFromCorpus({ ...options, corpus }, lengths);
  }
  return {
    dataset:
      prefixLen === 0
        ? { kind: 'random', ...lengths }
        : { kind: 'shared-prefix', prefixLen, groups, share, ...lengths },
    numPrompts: requestsOf(options),
    notes: [],
  };
}

export async function makePrefixRepetition(options: DatasetOptions): Promise<MadeDataset> {
  return {
    dataset: {
      kind: 'shared-prefix',
      prefixLen: options.prefixRepetitionPrefixLen ?? 256,
      groups: options.prefixRepetitionNumPrefixes ?? 10,
      share: options.prefixShare ?? 1,
      inputLen: options.inputLen ?? options.prefixRepetitionSuffixLen ?? 256,
      outputLen: options.outputLen ?? options.prefixRepetitionOutputLen ?? 128,
      rangeRatio: options.randomRangeRatio ?? 1,
      ...(await distributionsOf(options)),
    },
    numPrompts: requestsOf(options),
    notes: [],
  };
}

/** Typical values for conversations of people, or of agents with tools. */
export interface ConversationDefaults {
  readonly turns: { readonly low: number; readonly high: number };
  readonly pauseS: number;
  readonly pauses: ConversationShape['pauses'];
  readonly prefixTokens: number;
}

export const people: ConversationDefaults = {
  turns: { low: 2, high: 6 },
  pauseS: 1,
  pauses: 'thinking',
  prefixTokens: 0,
};

export const agents: ConversationDefaults = {
  turns: { low: 5, high: 20 },
  pauseS: 2,
  pauses: 'tools',
  prefixTokens: agentPrefixTokens,
};

export async function makeConversations(
  options: DatasetOptions,
  usual: ConversationDefaults,
): Promise<MadeDataset> {
  const { inputLen, outputLen, rangeRatio } = lengthsOf(options);
  const { randomPrefixLen = 0, seed = 0, shard } = options;
  const requests = requestsOf(options);
  const dataset = drawConversations(
    {
      turns: options.conversationTurns ?? usual.turns,
      firstInputLen: inputLen,
      laterInputLen: options.turnInputLen ?? inputLen,
      outputLen,
      rangeRatio,
      pauseS: options.thinkTime ?? usual.pauseS,
      pauses: usual.pauses,
      ...(await distributionsOf(options)),
      sharedPrefixTokens: randomPrefixLen > 0 ? randomPrefixLen : usual.prefixTokens,
    },
    requests,
    shardSeed(seed, shard),
  );
  return { dataset, numPrompts: requests, notes: [] };
}
