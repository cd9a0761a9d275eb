/**
 * The load generator as a package, `inferencemax/load`: one function that measures a server. Only the server's address
 * and the model's name are required.
 */
import { defined } from '../defined/defined.ts';
import { steadyRate } from './arrivals/index.ts';
import { poolingOf } from './backends/index.ts';
import { makeDataset } from './datasets/kinds.ts';
import type { DatasetOptions } from './datasets/options.ts';
import { requestsNeeded } from './ending/requests-needed.ts';
import { type LoadTest, loadTestDefaults, streamsAsked } from './load-test.ts';
import type { RawResult } from './result-schema.ts';
import { type LoadContext, runLoadTest as runWholeTest } from './run.ts';
import { shardSeed } from './shards.ts';

export type { Verdict } from './fidelity/verdict-names.ts';
export type { LoadErrorClass } from './load-error.ts';
export { LoadError } from './load-error.ts';
export { mergeResults } from './merge.ts';
export { formatResult } from './print-result.ts';
export type { LoadProgress } from './progress.ts';
export { type Fidelity, rawResultSchema } from './result-schema.ts';
export type { DatasetOptions, LoadContext, RawResult };

/** Which prompts to send: a kind of data set, such as `random` or `sharegpt`, and its options. */
export interface DatasetChoice
  extends Omit<DatasetOptions, 'numPrompts' | 'seed' | 'shard' | 'tokenizerFile' | 'withoutReplies'> {
  /** Default: `random`, with prompts of 1,024 tokens and replies of 128. */
  readonly name?: string;
}

type Chosen = 'baseUrl' | 'model' | 'maxConcurrency' | 'numPrompts' | 'dataset' | 'unbounded' | 'mergeable';

/** Options of a load test; defaults are those of `bench serve`. */
export interface LoadTestOptions extends Partial<Omit<LoadTest, Chosen>> {
  /** Where the server listens, e.g. `http://127.0.0.1:8000` or `unix:///run/engine.sock`. */
  readonly url: string;
  /** The model name that the server expects. */
  readonly model: string;
  /** Requests in flight. Default: no limit; without a request rate, all are sent at once. */
  readonly concurrency?: number;
  /** Total requests, over all shards. Default: 1,000, or as many as the data set has. */
  readonly numPrompts?: number;
  readonly dataset?: DatasetChoice;
}

/**
 * Measures a server and returns the raw result: latencies in milliseconds under vLLM's names, throughput in tokens per
 * second, and the verdict on the measurement with its reasons.
 * Throws LoadError: `bad-test`, `cannot-connect`, `unsupported`, or `all-failed` with the most frequent error.
 *
 *     const result = await runLoadTest({ url: 'http://127.0.0.1:8000', model: 'my-model', concurrency: 8 });
 *     console.log(result.median_ttft_ms, result.output_throughput, result.fidelity.verdict);
 */
export async function runLoadTest(
  options: LoadTestOptions,
  { signal = new AbortController().signal, ...context }: Partial<LoadContext> = {},
): Promise<RawResult> {
  return await runWholeTest(await loadTestOf(options), { signal, ...context });
}

/** The requests that a test by time needs; undefined for the default number. */
function neededFor(
  test: Partial<Pick<LoadTest, 'durationS' | 'arrivals' | 'requestRate' | 'burstiness' | 'seed'>>,
  concurrency = 1,
): number | undefined {
  const { durationS, requestRate = loadTestDefaults.requestRate, seed = loadTestDefaults.seed } = test;
  if (durationS === undefined) return undefined;
  const arrivals = test.arrivals ?? steadyRate(requestRate, test.burstiness ?? loadTestDefaults.burstiness);
  return requestsNeeded(durationS, { arrivals, streams: concurrency, seed });
}

/** Fills in the whole test and reads the data set's file. Throws LoadError `bad-test` if the data set is invalid. */
async function loadTestOf({ url, concurrency, dataset = {}, ...given }: LoadTestOptions): Promise<LoadTest> {
  const { shard, numPrompts: asked, tokenizerFile, seed = loadTestDefaults.seed } = given;
  const { backend = loadTestDefaults.backend } = given;
  const { name = 'random', ...about } = dataset;
  const made = await makeDataset(name, {
    ...about,
    seed,
    ...defined({ numPrompts: asked ?? neededFor(given, concurrency), shard, tokenizerFile }),
    ...defined({ withoutReplies: poolingOf(backend) === undefined ? undefined : (true as const) }),
  });
  const { requestRate = loadTestDefaults.requestRate, arrivals = made.arrivals } = given;
  const { numPrompts } = made;
  const isOpenLoop = arrivals !== undefined || Number.isFinite(requestRate);
  return {
    ...loadTestDefaults,
    tokenizerId: given.model,
    ...given,
    baseUrl: url,
    dataset: made.dataset,
    numPrompts,
    ...streamsAsked(concurrency, { numPrompts, isOpenLoop, ...defined({ shard }) }),
    requestRate: requestRate / (shard?.of ?? 1),
    seed: shardSeed(seed, shard),
    notes: [...made.notes, ...(given.notes ?? [])],
    mergeable: shard !== undefined,
    ...defined({ arrivals }),
  };
}
