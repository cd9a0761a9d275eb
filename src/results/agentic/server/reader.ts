import type { ExportedMetrics } from './series.ts';

/** What a row says about the server, apart from totals that the client knows, too (contract F7). */
export interface ServerActivity {
  readonly cache: {
    readonly gpu_cache_hit_rate: number | null;
    readonly cpu_cache_hit_rate: number | null;
    readonly external_cache_hit_rate: number | null;
    readonly overall_cache_hit_rate: number | null;
    readonly prefix_cache_hits: number | null;
    readonly prefix_cache_queries: number | null;
    readonly external_prefix_cache_hits: number | null;
    readonly external_prefix_cache_queries: number | null;
    readonly cached_tokens_by_source: Readonly<Record<string, number>>;
    readonly frontend_cache_hit_rate: number | null;
    readonly router_kv_hit_rate: number | null;
    readonly router_shared_cache_hit_rate: number | null;
    readonly frontend_cached_tokens: number | null;
    readonly frontend_input_tokens: number | null;
  };
  readonly kv_cache: {
    readonly gpu_usage_pct: number | null;
    readonly gpu_total_tokens: number | null;
    readonly cpu_usage_pct: number | null;
    readonly cpu_used_tokens: number | null;
    readonly cpu_total_tokens: number | null;
  };
  readonly kv_offload: Readonly<Record<string, number | null>>;
  readonly tokens: {
    readonly prompt_total: number | null;
    readonly generation_total: number | null;
    readonly prompt_by_source: {
      readonly gpu_cache_hit: number | null;
      readonly cpu_or_external_cache_hit: number | null;
      readonly computed: number | null;
      readonly raw: Readonly<Record<string, number>>;
    };
  };
  readonly sources: readonly Readonly<Record<string, unknown>>[];
}

/** How one kind of server reports what it did. */
export interface ServerReader {
  /** Its name in rows. */
  readonly name: string;
  /** Whether metrics of these names are its own. */
  reads(metricNames: readonly string[], framework: string): boolean;
  /** Whether it reads the logs of a framework that exported no metrics. */
  readsLogsOf(framework: string): boolean;
  read(metrics: ExportedMetrics): ServerActivity;
  /** The KV cache of all GPUs in tokens, by the text of one log; null if it does not say. */
  poolTokens(log: string): number | null;
}

/** The figures of a server that reports nothing. */
export const unknownFigures: ServerActivity = {
  cache: {
    gpu_cache_hit_rate: null,
    cpu_cache_hit_rate: null,
    external_cache_hit_rate: null,
    overall_cache_hit_rate: null,
    prefix_cache_hits: null,
    prefix_cache_queries: null,
    external_prefix_cache_hits: null,
    external_prefix_cache_queries: null,
    cached_tokens_by_source: {},
    frontend_cache_hit_rate: null,
    router_kv_hit_rate: null,
    router_shared_cache_hit_rate: null,
    frontend_cached_tokens: null,
    frontend_input_tokens: null,
  },
  kv_cache: {
    gpu_usage_pct: null,
    gpu_total_tokens: null,
    cpu_usage_pct: null,
    cpu_used_tokens: null,
    cpu_total_tokens: null,
  },
  kv_offload: {
    bytes_gpu_to_cpu: null,
    bytes_cpu_to_gpu: null,
    time_gpu_to_cpu: null,
    time_cpu_to_gpu: null,
    bandwidth_gpu_to_cpu_bytes_per_second: null,
    bandwidth_cpu_to_gpu_bytes_per_second: null,
  },
  tokens: {
    prompt_total: null,
    generation_total: null,
    prompt_by_source: { gpu_cache_hit: null, cpu_or_external_cache_hit: null, computed: null, raw: {} },
  },
  sources: [],
};

export function wholeNumber(value: number | null): number | null {
  if (value === null) return null;
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The lines of a log. */
export function linesOf(log: string): readonly string[] {
  return log.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
}
