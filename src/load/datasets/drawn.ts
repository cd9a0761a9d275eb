import { shardPart, shardSeed } from '../shards.ts';
import { type ConversationShape, drawConversations } from './draw-conversations.ts';
import { type DatasetOptions, defaultRequests, type MadeDataset } from './options.ts';

/** A common length of an agent's instructions and tool descriptions. */
const agentPrefixTokens = 2048;

const requestsOf = ({ numPrompts = defaultRequests, shard }: DatasetOptions): number =>
  shardPart(numPrompts, shard);

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

export function makeRandom(options: DatasetOptions): MadeDataset {
  const { randomPrefixLen: prefixLen = 0, numPrefixes: groups = 1, prefixShare: share = 1 } = options;
  const lengths = lengthsOf(options);
  return {
    dataset:
      prefixLen === 0
        ? { kind: 'random', ...lengths }
        : { kind: 'shared-prefix', prefixLen, groups, share, ...lengths },
    numPrompts: requestsOf(options),
    notes: [],
  };
}

export function makePrefixRepetition(options: DatasetOptions): MadeDataset {
  return {
    dataset: {
      kind: 'shared-prefix',
      prefixLen: options.prefixRepetitionPrefixLen ?? 256,
      groups: options.prefixRepetitionNumPrefixes ?? 10,
      share: options.prefixShare ?? 1,
      inputLen: options.inputLen ?? options.prefixRepetitionSuffixLen ?? 256,
      outputLen: options.outputLen ?? options.prefixRepetitionOutputLen ?? 128,
      rangeRatio: options.randomRangeRatio ?? 1,
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

export function makeConversations(options: DatasetOptions, usual: ConversationDefaults): MadeDataset {
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
      sharedPrefixTokens: randomPrefixLen > 0 ? randomPrefixLen : usual.prefixTokens,
    },
    requests,
    shardSeed(seed, shard),
  );
  return { dataset, numPrompts: requests, notes: [] };
}
