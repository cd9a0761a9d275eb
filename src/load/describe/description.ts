import { bytesPerToken, cacheablePrompts } from '../datasets/cacheable.ts';
import { type DatasetSpec, mostPrompts, seedOfPrompts } from '../datasets/index.ts';
import type { MadeDataset } from '../datasets/options.ts';
import { syntheticPrompts } from '../datasets/synthetic.ts';
import { textIn } from '../datasets/texts.ts';
import { type CacheableRequest, tokensIn, usualBlockTokens } from '../prefix-cache/ideal-hits.ts';
import { PrefixTree, type TreeShape } from '../prefix-cache/prefix-tree.ts';
import { ReuseDistances } from '../prefix-cache/reuse-distances.ts';
import { summarize } from '../statistics/summary.ts';
import { orNull } from '../unknown.ts';
import { describeArrivals, type TraceTimes } from './arrivals.ts';

/** Figures of a length over the requests of a trace, in tokens. */
export interface TraceTokens {
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly total: number;
  /** Requests by length: `counts[i]` are longer than `edges[i]` and at most `edges[i + 1]`. */
  readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] };
}

/** The share of prompt tokens that a prefix cache of this size could serve. */
export interface CacheHits {
  readonly cacheTokens: number;
  readonly share: number | null;
}

/** What a trace asks of a server. */
export interface TraceDescription {
  readonly requests: number;
  /** Requests that follow another one of the same conversation after a pause. */
  readonly laterTurns: number;
  /** The lengths of given texts are estimated at four bytes per token. */
  readonly estimated: boolean;
  readonly input: TraceTokens;
  readonly output: TraceTokens;
  /** null if the trace has no times. */
  readonly arrivals: TraceTimes | null;
  readonly prefixes: TreeShape;
  readonly idealHits: {
    readonly blockTokens: number;
    /** In a cache that never discards anything. */
    readonly unlimited: number | null;
    /** By size, doubling up to the first one with the unlimited share. */
    readonly byCacheSize: readonly CacheHits[];
  };
}

const smallestCacheBlocks = 16;

/** Describes a data set. `blockTokens`: the blocks of the cache; those of the trace by default, or else 16. */
export function describeTrace(
  { dataset, arrivals }: Pick<MadeDataset, 'dataset' | 'arrivals'>,
  asked: { readonly blockTokens?: number | undefined; readonly seed: number },
): TraceDescription {
  const blockTokens =
    asked.blockTokens ?? (dataset.kind === 'trace' ? dataset.blockTokens : usualBlockTokens);
  const count = requestsIn(dataset);
  const seed = seedOfPrompts({ dataset, seed: asked.seed });
  const prompts = cacheablePrompts(dataset, count, seed);
  const distances = new ReuseDistances(blockTokens);
  const tree = new PrefixTree(blockTokens);
  for (const request of prompts.requests()) {
    distances.add(request);
    tree.add(request.prompt);
  }
  const { input, output, laterTurns } = lengthsOf(dataset, count, seed, prompts.requests());
  return {
    requests: count,
    laterTurns,
    estimated: prompts.isEstimated,
    input: figuresOf(input),
    output: figuresOf(output),
    arrivals: arrivals === undefined ? null : describeArrivals(arrivals.timestampsMs),
    prefixes: tree.shape(),
    idealHits: { blockTokens, ...hitsBySize(distances, blockTokens) },
  };
}

function requestsIn(dataset: DatasetSpec): number {
  return dataset.kind === 'texts' ? dataset.prompts.length : mostPrompts(dataset);
}

function lengthsOf(
  dataset: DatasetSpec,
  count: number,
  seed: number,
  requests: Iterable<CacheableRequest>,
): { input: Float64Array; output: Float64Array; laterTurns: number } {
  if (dataset.kind === 'texts') {
    const { prompts } = dataset;
    return {
      input: Float64Array.from(prompts, (prompt) =>
        'tokenIds' in prompt
          ? prompt.tokenIds.length
          : Math.ceil(Buffer.byteLength(textIn(prompt) ?? '') / bytesPerToken),
      ),
      output: Float64Array.from(prompts, ({ outputTokens }) => outputTokens),
      laterTurns: prompts.filter(({ pauseBeforeMs }) => pauseBeforeMs !== undefined).length,
    };
  }
  if (dataset.kind === 'composed') throw new Error('composed requests are not in a trace');
  const drawn = syntheticPrompts(dataset, count, seed);
  return {
    input: Float64Array.from(requests, ({ prompt }) => tokensIn(prompt)),
    output: Float64Array.from(drawn, ({ outputTokens }) => outputTokens),
    laterTurns: drawn.filter(({ pauseBeforeMs }) => pauseBeforeMs !== undefined).length,
  };
}

function figuresOf(samples: Float64Array): TraceTokens {
  const total = samples.reduce((sum, length) => sum + length, 0);
  const { mean, median, std, percentiles } = summarize(samples, [0, 90, 99, 100]);
  const at = (percent: number): number | null => orNull(percentiles.get(percent) ?? Number.NaN);
  return {
    mean: orNull(mean),
    std: orNull(std),
    min: at(0),
    p50: orNull(median),
    p90: at(90),
    p99: at(99),
    max: at(100),
    total,
    histogram: histogramOf(samples),
  };
}

/** Edges at powers of the square root of two, because lengths span orders of magnitude. */
function histogramOf(sorted: Float64Array): TraceTokens['histogram'] {
  const stepOf = (length: number): number =>
    Math.max(0, Math.ceil(2 * Math.log2(Math.max(1, length)) - 1e-9));
  const first = stepOf(sorted[0] ?? 1);
  const last = stepOf(sorted.at(-1) ?? 1);
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const length of sorted) {
    const bucket = stepOf(length) - first;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const edges = Array.from({ length: counts.length + 1 }, (_, index) =>
    index === 0 && first === 0 ? 0 : Math.floor(2 ** ((first + index - 1) / 2)),
  );
  return { edges, counts };
}

function hitsBySize(
  distances: ReuseDistances,
  blockTokens: number,
): Pick<TraceDescription['idealHits'], 'unlimited' | 'byCacheSize'> {
  const shareIn = (blocks: number): number | null => {
    const { cachedTokens, promptTokens } = distances.hitsIn(blocks * blockTokens);
    return orNull(cachedTokens / promptTokens);
  };
  const unlimited = shareIn(distances.differentBlocks);
  const byCacheSize: CacheHits[] = [];
  for (let blocks = smallestCacheBlocks; byCacheSize.at(-1)?.share !== unlimited; blocks *= 2) {
    byCacheSize.push({ cacheTokens: blocks * blockTokens, share: shareIn(blocks) });
  }
  return { unlimited, byCacheSize };
}
