import type { TraceArrivals } from '../arrivals/index.ts';
import { type ShardNumber, shardPart } from '../shards.ts';
import type { DatasetSpec } from './index.ts';

/** All options of data sets; every kind reads those that apply to it. */
export interface DatasetOptions {
  readonly datasetPath?: string;
  /** Requests of all shards together. */
  readonly numPrompts?: number;
  readonly seed?: number;
  readonly shard?: ShardNumber;
  readonly randomInputLen?: number;
  readonly randomOutputLen?: number;
  readonly randomRangeRatio?: number;
  readonly randomPrefixLen?: number;
  readonly numPrefixes?: number;
  readonly prefixShare?: number;
  readonly prefixRepetitionPrefixLen?: number;
  readonly prefixRepetitionSuffixLen?: number;
  readonly prefixRepetitionNumPrefixes?: number;
  readonly prefixRepetitionOutputLen?: number;
  readonly conversationTurns?: { readonly low: number; readonly high: number };
  readonly turnInputLen?: number;
  readonly thinkTime?: number;
  readonly multiTurn?: true;
  readonly traceSpeedup?: number;
  readonly traceBlockSize?: number;
  /** Inputs of each request, for servers that generate nothing; documents of a ranking. */
  readonly randomBatchSize?: number;
  /** Tokens of the query of a ranking. */
  readonly randomQueryLen?: number;
  readonly randomMmBaseItemsPerRequest?: number;
  readonly randomMmNumMmItemsRangeRatio?: number;
  /** Sizes of images with their shares, as `parseImageSizes` reads them. */
  readonly randomMmBucketConfig?: string;
  readonly inputLen?: number;
  /** Distributions of lengths, as `parseLengths` reads them. */
  readonly inputLenDist?: string;
  readonly outputLenDist?: string;
  /** A text file, or the name of a text of ours, from which prompts are cut. */
  readonly corpus?: string;
  readonly outputLen?: number;
  readonly sharegptOutputLen?: number;
  readonly customOutputLen?: number;
  readonly maxModelLen?: number;
  readonly sharegptContextLen?: number;
  readonly disableShuffle?: true;
  /** `false` with `--no-oversample`. */
  readonly oversample?: boolean;
  /** The server generates nothing, so rows need no length of a reply. */
  readonly withoutReplies?: true;
  /** Counts tokens for `maxModelLen`. */
  readonly tokenizerFile?: string;
}

export type DatasetOption = keyof DatasetOptions;

/** A data set made from the options: one shard's part. */
export interface MadeDataset {
  readonly dataset: DatasetSpec;
  /** When requests are sent, if the data set contains times. */
  readonly arrivals?: TraceArrivals;
  readonly numPrompts: number;
  /** What a reader of the result should know: what is not sent, or sent repeatedly. */
  readonly notes: readonly string[];
}

/** The default number of requests. */
export const defaultRequests = 1000;

/** The requests of a shard for generated prompts, of which there are any number. */
export function requestsOf({ numPrompts = defaultRequests, shard }: DatasetOptions): number {
  return shardPart(numPrompts, shard);
}
