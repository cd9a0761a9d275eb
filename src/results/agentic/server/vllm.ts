import { ratio, sumOf } from '../figures.ts';
import { linesOf, type ServerActivity, type ServerReader, unknownFigures, wholeNumber } from './reader.ts';
import { type ExportedMetrics, labelOf, type MetricSeries, shareOf } from './series.ts';

const usageNames = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'];

export const vllmReader: ServerReader = {
  name: 'vllm',
  reads: (names) => names.some((name) => name.startsWith('vllm:')),
  readsLogsOf: (framework) => framework === 'vllm',
  read: readVllm,
  poolTokens: vllmPoolTokens,
};

export function readVllm(metrics: ExportedMetrics): ServerActivity {
  const hits = metrics.total('vllm:prefix_cache_hits');
  const queries = metrics.total('vllm:prefix_cache_queries');
  const externalHits = metrics.total('vllm:external_prefix_cache_hits');
  const externalQueries = metrics.total('vllm:external_prefix_cache_queries');
  const bySource = metrics.totals('vllm:prompt_tokens_by_source', 'source');
  const hasSources = Object.keys(bySource).length > 0;
  const external = ratio(externalHits, externalQueries);
  const rates = ratesOf(bySource, { own: ratio(hits, queries), external });
  const { local_cache_hit: local = null, external_kv_transfer: transferred = null } = bySource;
  return {
    ...unknownFigures,
    cache: {
      ...unknownFigures.cache,
      gpu_cache_hit_rate: rates.own,
      cpu_cache_hit_rate: rates.external,
      external_cache_hit_rate: rates.external,
      overall_cache_hit_rate: rates.overall,
      prefix_cache_hits: hits,
      prefix_cache_queries: queries,
      external_prefix_cache_hits: externalHits,
      external_prefix_cache_queries: externalQueries,
    },
    kv_cache: {
      ...unknownFigures.kv_cache,
      gpu_usage_pct: shareOf(metrics.highest(usageNames)),
      cpu_usage_pct: shareOf(metrics.highest('vllm:cpu_kv_cache_usage_perc')),
    },
    kv_offload: offloadOf(metrics),
    tokens: {
      prompt_total: wholeNumber(metrics.total('vllm:prompt_tokens')),
      generation_total: wholeNumber(metrics.total('vllm:generation_tokens')),
      prompt_by_source: hasSources
        ? {
            gpu_cache_hit: local,
            cpu_or_external_cache_hit: transferred,
            computed: bySource.local_compute ?? null,
            raw: bySource,
          }
        : unknownFigures.tokens.prompt_by_source,
    },
    sources: sourcesOf(metrics),
  };
}

interface HitRates {
  readonly own: number | null;
  readonly external: number | null;
  readonly overall: number | null;
}

/** Prompt tokens by source are better than queries, which count a block once per look-up. */
function ratesOf(
  bySource: Readonly<Record<string, number>>,
  counted: Pick<HitRates, 'own' | 'external'>,
): HitRates {
  const tokens = sumOf(Object.values(bySource));
  if (Object.keys(bySource).length === 0) return { ...counted, overall: counted.own };
  if (tokens <= 0) return { ...counted, overall: null };
  const { local_cache_hit: local, external_kv_transfer: transferred } = bySource;
  return {
    own: local === undefined ? counted.own : local / tokens,
    external: transferred === undefined ? counted.external : transferred / tokens,
    overall: ((local ?? 0) + (transferred ?? 0)) / tokens,
  };
}

function offloadOf(metrics: ExportedMetrics): ServerActivity['kv_offload'] {
  const [bytesOut, bytesIn, timeOut, timeIn] = [
    metrics.total('vllm:kv_offload_bytes_gpu_to_cpu'),
    metrics.total('vllm:kv_offload_bytes_cpu_to_gpu'),
    metrics.total('vllm:kv_offload_time_gpu_to_cpu'),
    metrics.total('vllm:kv_offload_time_cpu_to_gpu'),
  ];
  return {
    bytes_gpu_to_cpu: bytesOut,
    bytes_cpu_to_gpu: bytesIn,
    time_gpu_to_cpu: timeOut,
    time_cpu_to_gpu: timeIn,
    bandwidth_gpu_to_cpu_bytes_per_second: ratio(bytesOut, timeOut),
    bandwidth_cpu_to_gpu_bytes_per_second: ratio(bytesIn, timeIn),
  };
}

const sourceNames = [
  'vllm:prompt_tokens',
  'vllm:generation_tokens',
  'vllm:prefix_cache_hits',
  'vllm:prefix_cache_queries',
  'vllm:kv_cache_usage_perc',
  'vllm:prompt_tokens_by_source',
];

/** Every engine that reports metrics, with what it did. */
function sourcesOf(metrics: ExportedMetrics): ServerActivity['sources'] {
  const ids = new Set(metrics.series(...sourceNames).map(sourceOf));
  return [...ids].toSorted().map((id) => {
    const isOwn = (series: MetricSeries): boolean => sourceOf(series) === id;
    const total = (name: string): number | null => metrics.total(name, isOwn);
    return {
      id,
      role: id.split('|', 1)[0],
      prompt_tokens: total('vllm:prompt_tokens'),
      generation_tokens: total('vllm:generation_tokens'),
      prefix_cache_hit_rate: ratio(total('vllm:prefix_cache_hits'), total('vllm:prefix_cache_queries')),
      gpu_kv_cache_usage_pct: shareOf(metrics.highest(usageNames, isOwn)),
    };
  });
}

const roles: Readonly<Record<string, string>> = {
  prefill: 'prefill',
  backend: 'decode',
  decode: 'decode',
  frontend: 'router',
  router: 'router',
};

/** The role of an engine, its address, and its number among several. */
function sourceOf(series: MetricSeries): string {
  const component = labelOf(series, 'dynamo_component') || labelOf(series, 'component') || '';
  const address = series.endpoint_url;
  const numbers = ['worker_id', 'dp_rank', 'engine'].flatMap((label) => {
    const value = labelOf(series, label);
    return value === undefined ? [] : [`${label}=${value}`];
  });
  return [roles[component] ?? 'combined', ...(address ? [String(address)] : []), ...numbers].join('|');
}

const sizeText = /GPU KV cache size:\s*(?<tokens>[\d,]+)\s*tokens/;
const engineText = /\((?<engine>EngineCore(?:_DP\d+)?)\s+pid=\d+\)/;

/** The last size that each engine reports; without engines, the sum of all sizes. */
export function vllmPoolTokens(log: string): number | null {
  const ofEngines = new Map<string, number>();
  const others: number[] = [];
  for (const line of linesOf(log)) {
    const tokens = Number((sizeText.exec(line)?.groups?.tokens ?? '').replaceAll(',', ''));
    if (tokens <= 0) continue;
    const engine = engineText.exec(line)?.groups?.engine;
    if (engine === undefined) others.push(tokens);
    else ofEngines.set(engine, tokens);
  }
  const sizes = ofEngines.size > 0 ? [...ofEngines.values()] : others;
  return sizes.length === 0 ? null : sumOf(sizes);
}
