import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import {
  type ArrivalSpec,
  type DatasetSpec,
  type LoadTest,
  parseConversations,
  parseShareGpt,
  parseTextLines,
  parseTrace,
} from '../../load/index.ts';
import type { ServeOptions } from './serve-options.ts';

/** The load test that the options describe; reads the dataset's file. Throws InputError, or LoadError for the file. */
export async function loadTestOf(options: ServeOptions, apiKey: string | undefined): Promise<LoadTest> {
  const { dataset, arrivals, count } = await datasetOf(options);
  const { number, of } = options.shard ?? { number: 1, of: 1 };
  const share = (value: number): number => Math.floor(value / of) + (number <= value % of ? 1 : 0);
  const numPrompts = share(count);
  const maxConcurrency =
    options.maxConcurrency === undefined
      ? unboundedConcurrency(options, arrivals, numPrompts)
      : share(options.maxConcurrency);
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
    model: options.servedModelName ?? options.model,
    tokenizerId: options.tokenizer ?? options.model,
    dataset,
    numPrompts,
    maxConcurrency,
    requestRate: options.requestRate / of,
    burstiness: options.burstiness,
    // Shards must not send the same prompts.
    seed: options.seed + 1_000_003 * (number - 1),
    ignoreEos: options.ignoreEos ?? false,
    useChatTemplate: options.useChatTemplate ?? false,
    warmupRequests: options.numWarmups,
    stallTimeoutS: options.stallTimeout,
    connectTimeoutS: options.connectTimeout,
    percentiles: options.metricPercentiles,
    detailed: options.saveDetailed ?? false,
    mergeable: options.shard !== undefined,
    headers: { ...authorization, ...options.header },
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(arrivals === undefined ? {} : { arrivals }),
    ...(options.tokenIds === undefined ? {} : { tokenIds: options.tokenIds }),
    ...(options.goodput === undefined ? {} : { goodput: options.goodput }),
  };
}

/** The tokenizer.json that `--tokenizer` names, by itself or by its folder; undefined where it is only a name. */
function tokenizerFileOf(tokenizer: string | undefined): string | undefined {
  if (tokenizer === undefined) return undefined;
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
): Promise<{ dataset: DatasetSpec; arrivals?: ArrivalSpec; count: number }> {
  const ramp = rampOf(options);
  const arrivals = ramp === undefined ? {} : { arrivals: ramp };
  const lengths = {
    inputLen: options.randomInputLen,
    outputLen: options.outputLen ?? options.randomOutputLen,
    rangeRatio: options.randomRangeRatio,
  };
  switch (options.datasetName) {
    case 'random':
    case 'prefix_repetition':
      return {
        dataset:
          options.randomPrefixLen === 0
            ? { kind: 'random', ...lengths }
            : {
                kind: 'shared-prefix',
                prefixLen: options.randomPrefixLen,
                groups: options.numPrefixes,
                share: options.prefixShare,
                ...lengths,
              },
        count: options.numPrompts,
        ...arrivals,
      };
    case 'sharegpt':
    case 'custom': {
      const { text, file } = await datasetFile(options);
      const parse = options.datasetName === 'sharegpt' ? parseShareGpt : parseTextLines;
      return { dataset: parse(text, file, options.outputLen), count: options.numPrompts, ...arrivals };
    }
    case 'conversations': {
      const { text, file } = await datasetFile(options);
      const dataset = parseConversations(text, file);
      const turns = dataset.conversations.reduce((sum, { length }) => sum + length, 0);
      return { dataset, count: Math.min(options.numPrompts, turns), ...arrivals };
    }
    case 'trace': {
      const { text, file } = await datasetFile(options);
      const trace = parseTrace(text, file);
      const count = Math.min(options.numPrompts, trace.dataset.requests.length);
      return { dataset: trace.dataset, arrivals: ramp ?? trace.arrivals, count };
    }
  }
}

async function datasetFile(options: ServeOptions): Promise<{ text: string; file: string }> {
  const file = options.datasetPath;
  if (file === undefined) throw new InputError(`--dataset-name ${options.datasetName} needs --dataset-path`);
  try {
    return { text: await readFile(file, 'utf8'), file };
  } catch (error) {
    throw new InputError([{ file, message: `cannot read the dataset: ${messageOf(error)}` }]);
  }
}

function rampOf(options: ServeOptions): ArrivalSpec | undefined {
  const { rampUpStrategy, rampUpStartRps, rampUpEndRps, numPrompts, burstiness } = options;
  if (rampUpStrategy === undefined) return undefined;
  if (rampUpStartRps === undefined || rampUpEndRps === undefined) {
    throw new InputError('--ramp-up-strategy needs --ramp-up-start-rps and --ramp-up-end-rps');
  }
  const of = options.shard?.of ?? 1;
  const durationS = options.rampUpDuration ?? (2 * numPrompts) / (rampUpStartRps + rampUpEndRps);
  return {
    kind: 'rate',
    stages: [{ fromRate: rampUpStartRps / of, rate: rampUpEndRps / of, durationS }],
    burstiness,
  };
}
