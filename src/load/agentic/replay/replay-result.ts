import { factsOf } from '../../fidelity/facts.ts';
import { judge } from '../../fidelity/verdict.ts';
import type { LoadTest } from '../../load-test.ts';
import { rawResult } from '../../raw-result.ts';
import type { RawResult } from '../../result-schema.ts';
import { BlockBootstrap, type Interval } from '../../statistics/bootstrap.ts';
import type { AgenticFields } from '../result-fields.ts';
import type { AgentReplay } from './replay.ts';
import { type ReplayReport, reportOf } from './report.ts';
import type { ReplayRecord } from './request-record.ts';
import type { ReplayRun } from './run.ts';

const percentiles = [75, 90, 95, 99, 99.9];

/** The raw result of a replay: every figure of a load test over the measured phase, and those of its sessions. */
export function replayResult(replay: AgentReplay, run: ReplayRun): RawResult {
  const report = reportOf(run, replay);
  const { log, client } = run;
  const test = testOf(replay, run, report);
  const startMs = run.profilingStartMs ?? run.endMs;
  const last = run.records.reduce(
    (latest, { send, outcome, endMs }) =>
      send.phase === 'profiling' && outcome === 'completed' ? Math.max(latest, endMs) : latest,
    startMs,
  );
  const partial = run.isCancelled || run.failure !== undefined;
  const { schedule_error_ms: late, ideal_hit_rate: ideal, cached_share: achieved } = report;
  const facts = factsOf(test, log, client, undefined, partial);
  const fidelity = judge({
    ...facts,
    // Agents pause and work in parallel, so the requests in flight follow from the sessions.
    idlesOnPurpose: true,
    send_delay_p99_ms: late === null ? null : late.p99,
    late_sends: run.records.filter(({ send, lateMs }) => send.phase === 'profiling' && lateMs > 1).length,
    cached_share_of_random_prompts: null,
    cached_share_beyond_ideal: achieved === null || ideal === null ? null : achieved - ideal,
  });
  const raw = rawResult(test, log, {
    date: new Date(run.epochMs + startMs),
    startMs,
    durationMs: last - startMs,
    partial,
    fidelity: { ...fidelity, ...judgedBy(report, fidelity) },
    cacheWasReset: run.cacheReset?.isDone,
    notes: [
      run.failure === undefined ? undefined : `the replay ended early: ${run.failure}`,
      run.cacheReset?.note,
    ].filter((note) => note !== undefined),
  });
  const blocks = replay.trees[0]?.blockTokens ?? 1;
  return {
    ...raw,
    confidence_95: { ...raw.confidence_95, ...intervalsOf(run.records, replay.rules.seed) },
    ideal_prefix_cache: { block_tokens: blocks, cached_tokens: null, prompt_tokens: null, share: ideal },
    agentic: sessionsIn(replay, run, report, blocks),
  };
}

/** A failed run measures something else than it was asked for. */
function judgedBy(
  { failure }: ReplayReport,
  { verdict, reasons }: Pick<RawResult['fidelity'], 'verdict' | 'reasons'>,
): Pick<RawResult['fidelity'], 'verdict' | 'reasons'> {
  return failure === null ? { verdict, reasons } : { verdict: 'invalid', reasons: [failure, ...reasons] };
}

function testOf({ server, rules }: AgentReplay, { log }: ReplayRun, report: ReplayReport): LoadTest {
  return {
    ...server,
    dataset: { kind: 'random', inputLen: 1, outputLen: 1, rangeRatio: 1 },
    numPrompts: log.length,
    maxConcurrency: rules.lanes,
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    seed: rules.seed,
    warmupRequests: report.warmup_requests,
    useChatTemplate: true,
    percentiles,
  };
}

/** 95 % intervals of normalized interactivity, the main figure. */
function intervalsOf(records: readonly ReplayRecord[], seed: number): Record<string, Interval> {
  const inOrder = records
    .filter(({ send, outcome }) => send.phase === 'profiling' && outcome === 'completed')
    .toSorted((a, b) => a.startMs - b.startMs);
  const secondsPerToken = Float64Array.from(
    inOrder.flatMap(({ e2elMs, outputTokens }) =>
      e2elMs !== null && outputTokens !== null && outputTokens > 0 ? [e2elMs / 1000 / outputTokens] : [],
    ),
  );
  const bootstrap = new BlockBootstrap({ confidence: 0.95, seed });
  const [median, p90] = bootstrap.intervals(secondsPerToken, [0.5, 0.9]) ?? [];
  if (median === undefined || p90 === undefined) return {};
  const inverse = ([low, high]: Interval): Interval => [1 / high, 1 / low];
  return { p50_e2e_norm_intvty: inverse(median), p90_e2e_norm_intvty: inverse(p90) };
}

function sessionsIn(
  replay: AgentReplay,
  run: ReplayRun,
  report: ReplayReport,
  blockTokens: number,
): AgenticFields {
  const { validity, idle_jumps: jumps } = report;
  return {
    corpus: replay.corpus.name,
    traces: replay.trees.length,
    block_tokens: blockTokens,
    plays: report.plays,
    submission_valid: validity.submission_valid,
    submission_invalid_reasons: [...validity.submission_invalid_reasons],
    overrides: [...validity.overrides],
    context_overflows: report.context_overflows,
    warmup_requests: report.warmup_requests,
    forced_turns: report.forced_turns,
    ideal_hit_rate: report.ideal_hit_rate,
    achieved_hit_rate: report.cached_share,
    achieved_hit_rate_requests: report.cached_share_requests,
    e2e_norm_intvty: report.e2e_normalized_interactivity,
    schedule_error_ms: report.schedule_error_ms,
    idle_jumps: {
      system: jumps.system,
      system_s: jumps.systemS,
      trees: jumps.trees,
      trees_s: jumps.treesS,
    },
    ...requestsOf(run),
  };
}

function requestsOf({ records, profilingStartMs, endMs }: ReplayRun) {
  const sent = records.filter(({ startMs }) => !Number.isNaN(startMs));
  const conversations = [...new Set(sent.map(({ send }) => send.conversation.id))];
  const positions = new Map(conversations.map((id, position) => [id, position]));
  const originMs = profilingStartMs ?? endMs;
  const seconds = (ms: number): number => Math.round(ms - originMs) / 1000;
  const turnOf = ({ send }: ReplayRecord) => send.conversation.turns[send.turn];
  const ofEach = <Value>(value: (record: ReplayRecord) => Value): Value[] => sent.map(value);
  return {
    conversations,
    requests: {
      lane: ofEach(({ send }) => send.lane),
      play: ofEach(({ send }) => send.play),
      conversation: ofEach(({ send }) => positions.get(send.conversation.id) ?? 0),
      turn: ofEach(({ send }) => send.turn),
      start_s: ofEach(({ startMs }) => seconds(startMs)),
      end_s: ofEach((record) => seconds(record.endMs)),
      ttft_s: ofEach(({ ttftMs }) => (ttftMs === null ? null : Math.round(ttftMs) / 1000)),
      input_tokens: ofEach(({ inputTokens }) => inputTokens),
      output_tokens: ofEach(({ outputTokens }) => outputTokens),
      cached_tokens: ofEach(({ cachedTokens }) => cachedTokens),
      blocks: ofEach((record) => turnOf(record)?.blocks ?? 0),
      ideal_blocks: ofEach((record) => turnOf(record)?.idealBlocks ?? 0),
      outcome: ofEach(({ outcome }) => outcome),
      measured: ofEach(({ send }) => send.phase === 'profiling'),
    },
  };
}
