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
  requestsNeeded,
  shardSeed,
  streamsAsked,
} from '../../load/index.ts';
import type { LoadOptions, ServeOptions } from './serve-options.ts';
import { serverOf } from './server-of.ts';

/** A note for the end of a run: the next run without `--seed` sends the same prompts. */
export const defaultSeedNote =
  'seed 0, as --seed was not given: another run without --seed sends the same prompts, which a prefix cache may then contain';

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
export function loadTestsAsked({ maxConcurrency, ...options }: ServeOptions): readonly LoadOptions[] {
  if (maxConcurrency === undefined) return [options];
  if (maxConcurrency.length === 1) return maxConcurrency.map((one) => ({ ...options, maxConcurrency: one }));
  return maxConcurrency.map((one, index) => ({
    ...options,
    maxConcurrency: one,
    seed: (options.seed ?? 0) + index,
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
  const server = serverOf(options, apiKey);
  const tokenizerFile = tokenizerFileOf(options.tokenizer);
  const made = await makeDataset(options.datasetName, {
    ...options,
    ...defined({ tokenizerFile, numPrompts: requestsAsked(options) }),
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
    throw new InputError(`--shard ${number}/${of} leaves nothing to do for this shard`, 'use fewer shards');
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
    notes: [
      ...made.notes,
      ...rangeRatioNote(options),
      ...(note === undefined ? [] : [note]),
      // For given prompts, the data set has its own notes.
      ...(options.seed === undefined && dataset.kind !== 'texts' ? [defaultSeedNote] : []),
    ],
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
      models:
        options.loraModules === undefined
          ? undefined
          : { models: options.loraModules, assignment: options.loraAssignment },
      threads: options.threads,
      promptFormat: options.promptFormat,
      tokenizerFile,
      endpoint: options.endpoint,
      arrivals,
      tokenIds: options.tokenIds,
      shard: options.shard,
      goodput: options.goodput,
      durationS: options.duration,
      warmupS: options.warmUp,
      cooldownS: options.coolDown,
      concurrencyRampS: options.concurrencyRamp,
      stopWhen: stopRulesOf(options),
      slos: options.slo,
    }),
  };
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

function stopRulesOf({ untilPrecision, stopWhenSaturated, maxErrors }: LoadOptions): LoadTest['stopWhen'] {
  const rules = defined({ precision: untilPrecision, saturated: stopWhenSaturated, errors: maxErrors });
  return Object.keys(rules).length === 0 ? undefined : rules;
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
