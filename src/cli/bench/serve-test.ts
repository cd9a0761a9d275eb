import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import {
  type ArrivalSpec,
  type ConversationShape,
  type ConversationsSpec,
  type DatasetSpec,
  drawConversations,
  type LoadTest,
  loadDatasetFiles,
  meanRate,
  type Stage,
} from '../../load/index.ts';
import type { ServeOptions } from './serve-options.ts';

/** A common length of an agent's instructions and tool descriptions. */
const agentPrefixTokens = 2048;

/** The load test that the options describe; reads the dataset's file. Throws InputError, or LoadError for the file. */
export async function loadTestOf(options: ServeOptions, apiKey: string | undefined): Promise<LoadTest> {
  const { dataset, arrivals, numPrompts } = await datasetOf(options);
  const { number, of } = options.shard ?? { number: 1, of: 1 };
  const maxConcurrency =
    options.maxConcurrency === undefined
      ? unboundedConcurrency(options, arrivals, numPrompts)
      : share(options, options.maxConcurrency);
  if (numPrompts === 0 || maxConcurrency === 0) {
    throw new InputError(`--shard ${number}/${of} leaves nothing to do for this shard`, 'use fewer shards');
  }
  const tokenizerFile = tokenizerFileOf(options.tokenizer);
  const authorization = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };
  return {
    baseUrl:
      options.baseUrl ??
      `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${options.port}`,
    backend: options.backend,
    insecure: options.insecure ?? false,
    model: options.servedModelName ?? options.model,
    modelId: options.model,
    tokenizerId: options.tokenizer ?? options.model,
    dataset,
    numPrompts,
    maxConcurrency,
    ...(options.maxConcurrency === undefined ? { unbounded: true } : {}),
    requestRate: options.requestRate / of,
    burstiness: options.burstiness,
    seed: shardSeed(options),
    ignoreEos: options.ignoreEos ?? false,
    useChatTemplate: options.useChatTemplate ?? false,
    warmupRequests: options.numWarmups,
    stallTimeoutS: options.stallTimeout,
    connectTimeoutS: options.connectTimeout,
    percentiles: options.metricPercentiles,
    detailed: options.saveDetailed ?? false,
    mergeable: options.shard !== undefined,
    headers: { ...authorization, ...options.header },
    requestTimeoutS: options.requestTimeout,
    sampling: samplingOf(options),
    perChunkUsage: options.perChunkUsage ?? false,
    extraBody: options.extraBody ?? {},
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.promptFormat === undefined ? {} : { promptFormat: options.promptFormat }),
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(arrivals === undefined ? {} : { arrivals }),
    ...(options.tokenIds === undefined ? {} : { tokenIds: options.tokenIds }),
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    ...(options.goodput === undefined ? {} : { goodput: options.goodput }),
  };
}

/** Shards must not send the same prompts. */
function shardSeed({ seed, shard }: ServeOptions): number {
  return seed + 1_000_003 * ((shard?.number ?? 1) - 1);
}

/**
 * The tokenizer.json that `--tokenizer` names, by itself or by its folder; undefined where it is only a name. Throws
 * InputError for what can only be a path, and is not there.
 */
function tokenizerFileOf(tokenizer: string | undefined): string | undefined {
  if (tokenizer === undefined) return undefined;
  if (/^(\.{0,2}|~)[/\\]|\.json$/.test(tokenizer) && !existsSync(tokenizer)) {
    throw new InputError(
      `--tokenizer ${tokenizer}: there is no such file or folder`,
      'name a tokenizer.json, a folder with one, or the tokenizer by its name alone',
    );
  }
  const candidates = [tokenizer, join(tokenizer, 'tokenizer.json')];
  return candidates.find((path) => path.endsWith('.json') && existsSync(path));
}

/** Without a bound an open loop opens what it needs; a closed one sends everything at once, as the public client does. */
function unboundedConcurrency(
  options: ServeOptions,
  arrivals: ArrivalSpec | undefined,
  numPrompts: number,
): number {
  const open = arrivals !== undefined || Number.isFinite(options.requestRate);
  return open ? Number.POSITIVE_INFINITY : numPrompts;
}

async function datasetOf(
  options: ServeOptions,
): Promise<{ dataset: DatasetSpec; arrivals?: ArrivalSpec; numPrompts: number }> {
  const stages = stagesOf(options);
  const arrivals: { arrivals?: ArrivalSpec } =
    stages === undefined ? {} : { arrivals: { kind: 'rate', stages, burstiness: options.burstiness } };
  const numPrompts = share(options, options.numPrompts);
  const { randomRangeRatio: rangeRatio } = options;
  const inputLen = options.inputLen ?? options.randomInputLen;
  const outputLen = options.outputLen ?? options.randomOutputLen;
  switch (options.datasetName) {
    case 'random': {
      const lengths = { inputLen, outputLen, rangeRatio };
      const { randomPrefixLen: prefixLen, numPrefixes: groups, prefixShare: share } = options;
      const dataset: DatasetSpec =
        prefixLen === 0
          ? { kind: 'random', ...lengths }
          : { kind: 'shared-prefix', prefixLen, groups, share, ...lengths };
      return { dataset, numPrompts, ...arrivals };
    }
    case 'prefix_repetition': {
      const dataset: DatasetSpec = {
        kind: 'shared-prefix',
        prefixLen: options.prefixRepetitionPrefixLen,
        groups: options.prefixRepetitionNumPrefixes,
        share: options.prefixShare,
        inputLen: options.inputLen ?? options.prefixRepetitionSuffixLen,
        outputLen: options.outputLen ?? options.prefixRepetitionOutputLen,
        rangeRatio,
      };
      return { dataset, numPrompts, ...arrivals };
    }
    case 'sharegpt': {
      const { text, file, parseShareGpt } = await datasetFile(options);
      const dataset = parseShareGpt(text, file, options.sharegptOutputLen ?? options.outputLen);
      return { dataset: { ...dataset, prompts: ofShard(options, dataset.prompts) }, numPrompts, ...arrivals };
    }
    case 'custom': {
      const { text, file, parseTextLines } = await datasetFile(options);
      const dataset = parseTextLines(text, file, options.customOutputLen ?? options.outputLen);
      return { dataset: { ...dataset, prompts: ofShard(options, dataset.prompts) }, numPrompts, ...arrivals };
    }
    case 'conversations':
    case 'agentic': {
      const dataset = await conversationsOf(options, { inputLen, outputLen });
      const turns = dataset.conversations.reduce((sum, { length }) => sum + length, 0);
      return { dataset, numPrompts: Math.min(numPrompts, turns), ...arrivals };
    }
    case 'trace': {
      const { text, file, parseTrace } = await datasetFile(options);
      const trace = parseTrace(text, file, options.traceSpeedup);
      const requests = ofShard(options, trace.dataset.requests.slice(0, options.numPrompts));
      const timestampsMs = ofShard(options, trace.arrivals.timestampsMs);
      return {
        dataset: { ...trace.dataset, requests },
        arrivals: { kind: 'trace', timestampsMs },
        numPrompts: requests.length,
        ...arrivals,
      };
    }
  }
}

/** A shard's part of a number. */
function share({ shard }: ServeOptions, value: number): number {
  const { number, of } = shard ?? { number: 1, of: 1 };
  return Math.floor(value / of) + (number <= value % of ? 1 : 0);
}

/** The part of a file's list that this shard sends: every n-th. */
function ofShard<T>({ shard }: ServeOptions, list: readonly T[]): readonly T[] {
  return shard === undefined ? list : list.filter((_, index) => index % shard.of === shard.number - 1);
}

/** Recorded in a file, or drawn; what is drawn differs by shard through its seed. */
async function conversationsOf(
  options: ServeOptions,
  { inputLen, outputLen }: { inputLen: number; outputLen: number },
): Promise<ConversationsSpec> {
  if (options.datasetPath !== undefined) {
    const { text, file, parseConversations } = await datasetFile(options);
    const dataset = parseConversations(text, file);
    return { ...dataset, conversations: ofShard(options, dataset.conversations) };
  }
  const agentic = options.datasetName === 'agentic';
  const shape: ConversationShape = {
    turns: options.conversationTurns ?? (agentic ? { low: 5, high: 20 } : { low: 2, high: 6 }),
    firstInputLen: inputLen,
    laterInputLen: options.turnInputLen ?? inputLen,
    outputLen,
    rangeRatio: options.randomRangeRatio,
    pauseS: options.thinkTime ?? (agentic ? 2 : 1),
    pauses: agentic ? 'tools' : 'thinking',
    sharedPrefixTokens: options.randomPrefixLen > 0 || !agentic ? options.randomPrefixLen : agentPrefixTokens,
  };
  return drawConversations(shape, options.numPrompts, shardSeed(options));
}

/** A dataset's file, and what reads it. */
async function datasetFile(options: ServeOptions) {
  const file = options.datasetPath;
  if (file === undefined) throw new InputError(`--dataset-name ${options.datasetName} needs --dataset-path`);
  try {
    return { ...(await loadDatasetFiles()), text: await readFile(file, 'utf8'), file };
  } catch (error) {
    throw new InputError([{ file, message: `cannot read the dataset: ${messageOf(error)}` }]);
  }
}

/** Rates over time, where they are not one; a shard's part of them. */
function stagesOf(options: ServeOptions): Stage[] | undefined {
  const stages = options.rateStages ?? rampOf(options);
  const of = options.shard?.of ?? 1;
  return stages?.map((stage) => ({
    ...stage,
    rate: stage.rate / of,
    ...(stage.fromRate === undefined ? {} : { fromRate: stage.fromRate / of }),
  }));
}

function rampOf(options: ServeOptions): Stage[] | undefined {
  const { rampUpStrategy: shape, rampUpStartRps: fromRate, rampUpEndRps: rate, numPrompts } = options;
  if (shape === undefined) return undefined;
  if (fromRate === undefined || rate === undefined) {
    throw new InputError('--ramp-up-strategy needs --ramp-up-start-rps and --ramp-up-end-rps');
  }
  const ramp = { fromRate, rate, shape, durationS: 1 };
  return [{ ...ramp, durationS: options.rampUpDuration ?? numPrompts / meanRate(ramp) }];
}

/** How tokens are drawn, by the names that servers have for it. */
function samplingOf(options: ServeOptions): Record<string, number> {
  const named = {
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    min_p: options.minP,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    repetition_penalty: options.repetitionPenalty,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
