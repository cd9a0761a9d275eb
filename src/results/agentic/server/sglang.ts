import { ratio, sumOf } from '../figures.ts';
import { linesOf, type ServerReader, unknownFigures, wholeNumber } from './reader.ts';
import { labelOf, shareOf } from './series.ts';

export const sglangReader: ServerReader = {
  name: 'sglang',
  reads: (names) => names.some((name) => name.startsWith('sglang:')),
  readsLogsOf: (framework) => framework === 'sglang',
  read(metrics) {
    const prompt = metrics.total('sglang:prompt_tokens');
    const bySource = metrics.totals('sglang:cached_tokens', 'cache_source');
    const { device = null, host = null } = bySource;
    const sources = Object.values(bySource);
    const cached = sources.length === 0 ? null : sumOf(sources);
    const [used, total] = [
      metrics.highest('sglang:hicache_host_used_tokens'),
      metrics.highest('sglang:hicache_host_total_tokens'),
    ];
    const ofHost = ratio(host, prompt);
    return {
      ...unknownFigures,
      cache: {
        ...unknownFigures.cache,
        gpu_cache_hit_rate: ratio(device, prompt),
        cpu_cache_hit_rate: ofHost,
        external_cache_hit_rate: ofHost,
        overall_cache_hit_rate: ratio(cached, prompt) ?? shareOf(metrics.average('sglang:cache_hit_rate')),
        cached_tokens_by_source: bySource,
      },
      kv_cache: {
        gpu_usage_pct: shareOf(metrics.highest('sglang:token_usage')),
        gpu_total_tokens: wholeNumber(metrics.size('sglang:max_total_num_tokens')),
        cpu_usage_pct: ratio(used, total),
        cpu_used_tokens: used,
        cpu_total_tokens: total,
      },
      tokens: {
        prompt_total: wholeNumber(prompt),
        generation_total: wholeNumber(metrics.total('sglang:generation_tokens')),
        prompt_by_source: {
          gpu_cache_hit: device,
          cpu_or_external_cache_hit: host,
          computed: metrics.total(
            'sglang:realtime_tokens',
            (series) => labelOf(series, 'mode') === 'prefill_compute',
          ),
          raw: bySource,
        },
      },
    };
  },
  poolTokens: sglangPoolTokens,
};

const sizeText = /\bmax_total_num_tokens=(?<tokens>\d+)\b/;
const rankText = /\b(?<rank>DP\d+\s+TP\d+\s+EP\d+)\b/;
const replicasText = /\bdp_size=(?<replicas>\d+)\b/;

/** The size that each rank reports, added up; a single size counts for every data-parallel replica. */
function sglangPoolTokens(log: string): number | null {
  const ofRanks = new Map<string, number>();
  const others: number[] = [];
  for (const line of linesOf(log)) {
    const tokens = Number(sizeText.exec(line)?.groups?.tokens ?? 0);
    if (tokens <= 0) continue;
    const rank = rankText.exec(line)?.groups?.rank;
    if (rank === undefined) others.push(tokens);
    else ofRanks.set(rank, tokens);
  }
  const sizes = ofRanks.size > 0 ? [...ofRanks.values()] : others;
  if (sizes.length === 0) return null;
  const replicas = Number(replicasText.exec(log)?.groups?.replicas ?? 1);
  return sumOf(sizes) * (sizes.length === 1 ? Math.max(1, replicas) : 1);
}
