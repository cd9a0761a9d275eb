import type { TraceArrivals } from '../arrivals/index.ts';
import type { ShardNumber } from '../shards.ts';
import type { DatasetSpec } from './index.ts';

/** What a user may say about what is sent; every kind of data set reads those it knows. */
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
  readonly inputLen?: number;
  readonly outputLen?: number;
  readonly sharegptOutputLen?: number;
  readonly customOutputLen?: number;
  readonly maxModelLen?: number;
  readonly sharegptContextLen?: number;
  readonly disableShuffle?: true;
  /** `false` by `--no-oversample`. */
  readonly oversample?: boolean;
  /** Counts tokens, for `maxModelLen`. */
  readonly tokenizerFile?: string;
}

export type DatasetOption = keyof DatasetOptions;

/** What is sent, made from the options: a shard's part. */
export interface MadeDataset {
  readonly dataset: DatasetSpec;
  /** When it is sent, if the data set says so. */
  readonly arrivals?: TraceArrivals;
  readonly numPrompts: number;
  /** What a reader of the result should know: what of the file is not sent, or sent more than once. */
  readonly notes: readonly string[];
}

/** Requests if nobody says how many. */
export const defaultRequests = 1000;
