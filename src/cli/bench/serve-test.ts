import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import {
  type ArrivalSpec,
  arrivalsAsked,
  datasetKinds,
  type LoadTest,
  loadTestDefaults,
  type MadeDataset,
  makeDataset,
  poolingOf,
  requestsNeeded,
  shardSeed,
  stopRulesOf,
  streamsAsked,
} from '../../load/index.ts';
import type { LoadOptions, ServeOptions } from './serve-options.ts';
import type { NamesWithShares } from './serve-parsers.ts';
import { serversOf } from './server-of.ts';

/** Leaves room for the seeds of further concurrencies. */
const seeds = 2 ** 31;

/**
 * The seed of a run: a new one, unless it is given, so that no prefix cache contains its prompts from an earlier
 * run. The shards of a test must have the same seed, so theirs is fixed.
 */
export function seedOf({ seed, shard }: Pick<ServeOptions, 'seed' | 'shard'>): number {
  return seed ?? (shard === undefined ? randomInt(seeds) : loadTestDefaults.seed);
}

/** A note for the start of a run with a drawn seed. */
export function seedNote({ seed, shard }: Pick<ServeOptions, 'seed' | 'shard'>, used: number): string[] {
  if (seed !== undefined) return [];
  return [
    shard === undefined
      ? `seed ${used}, drawn for this run: --seed ${used} sends the same prompts again`
      : `seed ${used}: without --seed, all shards send prompts of the same seed in every run, which a prefix cache may contain`,
  ];
}

/** The names of a test's model. */
type Named = Pick<LoadTest, 'model' | 'modelId' | 'tokenizerId'>;

/** Default number of prompts per unit of concurrency if several concurrencies are measured. */
const promptsPerStream = 10;
/** What a ramp without a duration is spread over. */
const defaultRequests = 1000;

/**
 * The options of the requested tests, one per concurrency. Each test draws different prompts, so that no prefix cache
 * has them from the test before.
 */
export function loadTestsAsked({
  maxConcurrency,
  ...options
}: ServeOptions & { readonly seed: number }): readonly LoadOptions[] {
  if (maxConcurrency === undefined) return [options];
  if (maxConcurrency.length === 1) return maxConcurrency.map((one) => ({ ...options, maxConcurrency: one }));
  return maxConcurrency.map((one, index) => ({
    ...options,
    maxConcurrency: one,
    seed: options.seed + index,
    ...defined({
      numPrompts: options.numPrompts ?? (options.duration === undefined ? promptsPerStream * one : undefined),
    }),
  }));
}

/** Whether the server is profiled during the test. */
export function isProfiled({
  profile,
  profileSeconds,
}: Pick<LoadOptions, 'profile' | 'profileSeconds'>): boolean {
  return profile ?? profileSeconds !== undefined;
}

/** The names of a test's model; `model` may come from the server. */
export function namesOf({ servedModelName, tokenizer }: LoadOptions, model: string): Named {
  return { model: servedModelName ?? model, modelId: model, tokenizerId: tokenizer ?? model };
}

/**
 * The load test that the options describe, without the names of its model; reads the data set's file. Throws
 * InputError, or LoadError for the file.
 */
export async function loadTestOf(
  options: LoadOptions,
  apiKey: string | undefined,
): Promise<Omit<LoadTest, keyof Named>> {
  const [server, ...further] = serversOf(options, apiKey);
  const others = further.map(({ baseUrl }) => baseUrl);
  const tokenizerFile = tokenizerFileOf(options.tokenizer);
  const made = await makeDataset(options.datasetName, {
    ...options,
    ...defined({
      tokenizerFile,
      numPrompts: requestsAsked(options),
      withoutReplies: generatesNothing(options) ? (true as const) : undefined,
    }),
  });
  const { dataset, numPrompts } = made;
  const { arrivals, note } = arrivalsOf(options, made);
  const { number, of } = options.shard ?? { number: 1, of: 1 };
  const streams = streamsAsked(options.maxConcurrency, {
    numPrompts,
    isOpenLoop: arrivals !== undefined,
    ...defined({ shard: options.shard }),
  });
  if (numPrompts === 0 || streams.maxConcurrency === 0) {
    throw new InputError(`--shard ${number}/${of} leaves nothing to do for this shard`, 'use fewer shards', {
      code: 'bad-option',
    });
  }
  return {
    ...server,
    backend: options.endpointType ?? options.backend,
    dataset,
    numPrompts,
    ...streams,
    requestRate: options.requestRate / of,
    burstiness: options.burstiness,
    seed: shardSeed(options.seed ?? loadTestDefaults.seed, options.shard),
    notes: [...made.notes, ...rangeRatioNote(options), ...(note === undefined ? [] : [note])],
    ignoreEos: options.ignoreEos ?? loadTestDefaults.ignoreEos,
    useChatTemplate: options.useChatTemplate ?? loadTestDefaults.useChatTemplate,
    warmupRequests: options.numWarmups,
    stallTimeoutS: options.stallTimeout,
    connectTimeoutS: options.connectTimeout,
    percentiles: options.metricPercentiles,
    detailed: options.saveDetailed ?? false,
    mergeable: options.shard !== undefined,
    requestTimeoutS: options.requestTimeout,
    sampling: samplingOf(options),
    perChunkUsage: options.perChunkUsage ?? false,
    extraBody: options.extraBody ?? {},
    omitFields: options.omitField ?? [],
    profile: isProfiled(options),
    ...defined({
      profileS: options.profileSeconds,
      tokenLimitField: options.maxTokensField,
      logprobs: options.logprobs,
      requestIdPrefix: options.requestIdPrefix,
      models: options.loraModules === undefined ? undefined : modelsOf(options.loraModules, options),
      otherBaseUrls: others.length === 0 ? undefined : others,
      urlAssignment: others.length === 0 ? undefined : options.urlAssignment,
      sessionHeader: options.sessionHeader,
      replies: options.replies === 'server' ? options.replies : undefined,
      threads: options.threads,
      promptFormat: options.promptFormat,
      tokenizerFile,
      endpoint: options.endpoint,
      arrivals,
      tokenIds: options.tokenIds,
      shard: options.shard,
      goodput: options.goodput,
      cacheBlockTokens: options.cacheBlockSize,
      cacheTokens: options.cacheSize,
      cacheReset: options.resetCache === true ? await cacheReset() : undefined,
      durationS: options.duration,
      warmupS: options.warmUp,
      cooldownS: options.coolDown,
      concurrencyRampS: options.concurrencyRamp,
      stopWhen: stopRulesOf({
        precision: options.untilPrecision,
        saturated: options.stopWhenSaturated,
        errors: options.maxErrors,
      }),
      slos: options.slo,
      recorded:
        options.saveRequests === undefined
          ? undefined
          : options.saveText === true
            ? ('with-text' as const)
            : ('without-text' as const),
    }),
  };
}

/** Models that are equally likely have no shares. */
function modelsOf(
  { names: models, shares }: NamesWithShares,
  { loraAssignment: assignment }: LoadOptions,
): LoadTest['models'] {
  return new Set(shares).size === 1 ? { models, assignment } : { models, shares, assignment };
}

function generatesNothing({ endpointType, backend }: LoadOptions): boolean {
  return poolingOf(endpointType ?? backend) !== undefined;
}

/** The engines are loaded only for this. */
async function cacheReset() {
  const { cacheResetPaths } = await import('../../app/cache-reset.ts');
  return { paths: cacheResetPaths, required: true };
}

/** The number of requests, or as many as a test by time needs; undefined for all of the data set. */
function requestsAsked(options: LoadOptions): number | undefined {
  const { numPrompts, duration, maxConcurrency: streams = 1, seed = loadTestDefaults.seed } = options;
  if (numPrompts !== undefined || duration === undefined) return numPrompts;
  const kind = datasetKinds.find(({ name }) => name === options.datasetName);
  // A trace is sent once, at its own times.
  if (kind?.options.includes('traceSpeedup') === true) return undefined;
  const arrivals = arrivalsAsked(options, { numPrompts: defaultRequests, shards: 1 });
  return requestsNeeded(duration, { arrivals, streams, seed });
}

/**
 * The tokenizer.json that `--tokenizer` names, directly or by its folder; undefined if it is just a name. Throws
 * InputError if it can only be a path but does not exist.
 */
function tokenizerFileOf(tokenizer: string | undefined): string | undefined {
  if (tokenizer === undefined) return undefined;
  if (/^(\.{0,2}|~)[/\\]|\.json$/.test(tokenizer) && !existsSync(tokenizer)) {
    throw new InputError(
      `--tokenizer ${tokenizer}: no such file or folder`,
      'name a tokenizer.json, a folder with one, or the tokenizer by its name alone',
      { code: 'file-unreadable' },
    );
  }
  const candidates = [tokenizer, join(tokenizer, 'tokenizer.json')];
  return candidates.find((path) => path.endsWith('.json') && existsSync(path));
}

/** A note about a ratio that another client interprets differently. */
function rangeRatioNote({ randomRangeRatio, randomInputLen, inputLen }: LoadOptions): string[] {
  if (randomRangeRatio !== 0) return [];
  const longest = randomInputLen ?? inputLen;
  return [
    `--random-range-ratio 0 draws every length from 1 to the full ${longest === undefined ? 'length' : `${longest} tokens`}, half of it on average; vLLM's 0 means exact lengths, which is 1 here`,
  ];
}

/** When to send requests: as the options say, or else as the data set says. */
function arrivalsOf(options: LoadOptions, made: MadeDataset): { arrivals?: ArrivalSpec; note?: string } {
  const shards = options.shard?.of ?? 1;
  const numPrompts = options.numPrompts ?? made.numPrompts * shards;
  const asked = arrivalsAsked(options, { numPrompts, shards });
  if (asked === undefined) return made.arrivals === undefined ? {} : { arrivals: made.arrivals };
  return {
    arrivals: asked,
    ...defined({
      note:
        made.arrivals === undefined ? undefined : 'sent at the requested rate, not at the times of the trace',
    }),
  };
}

/** Sampling parameters by the names that servers use. */
function samplingOf(options: LoadOptions): Record<string, number> {
  const named = {
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    min_p: options.minP,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    repetition_penalty: options.repetitionPenalty,
    n: options.n,
    best_of: options.bestOf,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
