import { quantileOfSorted } from '../../statistics/summary.ts';
import type { AgentReplay } from './replay.ts';
import type { ReplayRecord } from './request-record.ts';
import type { ReplayRun } from './run.ts';
import { type ReplayValidity, validityOf } from './validity.ts';

/** The figures of a replay, over the successful requests of its measured phase. */
export interface ReplayReport {
  readonly concurrency: number;
  readonly duration_s: number;
  readonly requests: { readonly completed: number; readonly failed: number; readonly cancelled: number };
  readonly context_overflows: number;
  readonly warmup_requests: number;
  readonly plays: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly output_throughput: number | null;
  /** Share of recorded blocks that an unlimited cache would have had. */
  readonly ideal_hit_rate: number | null;
  /** Share of prompt tokens that the server read from its cache, over requests of which it says so. */
  readonly cached_share: number | null;
  readonly cached_share_requests: number;
  readonly ttft_ms: Percentiles | null;
  readonly e2el_ms: Percentiles | null;
  readonly tpot_ms: Percentiles | null;
  /** Output tokens per second of a request's whole time; P90 is the slow tail. */
  readonly e2e_normalized_interactivity: Percentiles | null;
  /** How late requests were sent. */
  readonly schedule_error_ms: Percentiles | null;
  readonly idle_jumps: ReplayRun['jumps'];
  readonly forced_turns: number;
  readonly client_cpu_ms_per_request: number | null;
  readonly failure: string | null;
  readonly validity: ReplayValidity;
}

export interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/** The requests of the measured phase. */
export function measuredOf({ records }: Pick<ReplayRun, 'records'>): readonly ReplayRecord[] {
  return records.filter(({ send }) => send.phase === 'profiling');
}

export function reportOf(
  run: ReplayRun,
  replay: Pick<AgentReplay, 'durationS' | 'rules' | 'server' | 'corpus'>,
): ReplayReport {
  const measured = measuredOf(run);
  const completed = measured.filter(({ outcome }) => outcome === 'completed');
  const overflows = measured.filter(({ outcome }) => outcome === 'too-long').length;
  const cancelled = measured.filter(({ outcome }) => outcome === 'cancelled').length;
  const startMs = run.profilingStartMs ?? run.endMs;
  const lastEndMs = completed.reduce((last, { endMs }) => Math.max(last, endMs), startMs);
  const input = total(completed.map(({ inputTokens }) => inputTokens));
  const output = total(completed.map(({ outputTokens }) => outputTokens ?? Number.NaN));
  const turns = completed.flatMap(({ send }) => send.conversation.turns[send.turn] ?? []);
  const blocks = total(turns.map((turn) => turn.blocks));
  const counted = completed.flatMap(({ cachedTokens, inputTokens }) =>
    cachedTokens === null ? [] : [{ cachedTokens, inputTokens }],
  );
  const perToken = completed.flatMap(({ e2elMs, outputTokens }) =>
    e2elMs !== null && outputTokens !== null && outputTokens > 0 ? [e2elMs / 1000 / outputTokens] : [],
  );
  const slowness = percentilesOf(perToken);
  const ofSuccessful = (value: (record: ReplayRecord) => number | null) =>
    percentilesOf(completed.flatMap((record) => value(record) ?? []));
  const spanS = (lastEndMs - startMs) / 1000;
  return {
    concurrency: replay.rules.lanes,
    duration_s: replay.durationS,
    requests: {
      completed: completed.length,
      failed: measured.length - completed.length - cancelled,
      cancelled,
    },
    context_overflows: overflows,
    warmup_requests: run.records.length - measured.length,
    plays: run.plays,
    input_tokens: input,
    output_tokens: output,
    output_throughput: ratio(output, spanS),
    ideal_hit_rate: ratio(total(turns.map((turn) => turn.idealBlocks)), blocks),
    cached_share: ratio(
      total(counted.map(({ cachedTokens }) => cachedTokens)),
      total(counted.map(({ inputTokens }) => inputTokens)),
    ),
    cached_share_requests: counted.length,
    ttft_ms: ofSuccessful(({ ttftMs }) => ttftMs),
    e2el_ms: ofSuccessful(({ e2elMs }) => e2elMs),
    tpot_ms: ofSuccessful(({ tpotMs }) => tpotMs),
    e2e_normalized_interactivity: slowness === null ? null : inverted(slowness),
    schedule_error_ms: percentilesOf(
      measured.flatMap(({ lateMs }) => (Number.isNaN(lateMs) ? [] : [lateMs])),
    ),
    idle_jumps: run.jumps,
    forced_turns: run.forced,
    client_cpu_ms_per_request: ratio(1000 * run.cpuS, run.records.length),
    failure: run.failure ?? null,
    validity: validityOf({
      durationS: replay.durationS,
      coveredS: spanS,
      responses: measured.length - cancelled,
      contextOverflows: overflows,
      isCancelled: run.isCancelled || run.failure !== undefined,
      corpus: replay.corpus,
      rules: replay.rules,
      ignoresEos: replay.server.ignoreEos,
    }),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 && Number.isFinite(part) ? part / whole : null;
}

function percentilesOf(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (fraction: number): number => quantileOfSorted(sorted, fraction);
  return {
    mean: total(samples) / samples.length,
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** Rates by times: each statistic is the inverse of that of the times. */
function inverted({ mean, p50, p75, p90, p95, p99 }: Percentiles): Percentiles {
  return { mean: 1 / mean, p50: 1 / p50, p75: 1 / p75, p90: 1 / p90, p95: 1 / p95, p99: 1 / p99 };
}
