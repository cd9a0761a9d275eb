import { measuredOf, type ReplayReport } from './report.ts';
import type { ReplayRecord } from './request-record.ts';
import type { ReplayRun } from './run.ts';

/** The files of a replay in the form of the public client's exports, by name. */
export interface ReplayExports {
  readonly 'profile_export.jsonl': string;
  readonly 'profile_export_aiperf.json': string;
}

/** What the public tools read of a run (contract F7): a line per request, and a summary. */
export function exportsOf(
  run: ReplayRun,
  report: ReplayReport,
  dataset: Readonly<Record<string, unknown>>,
): ReplayExports {
  const lines = run.records
    .filter(({ outcome }) => outcome !== 'cancelled')
    .map((record) => `${JSON.stringify(lineOf(record, run.epochMs))}\n`);
  return {
    'profile_export.jsonl': lines.join(''),
    'profile_export_aiperf.json': `${JSON.stringify(summaryOf(run, report, dataset), null, 2)}\n`,
  };
}

function lineOf(record: ReplayRecord, epochMs: number) {
  const { send, sessionId, ttftMs, e2elMs, tpotMs, inputTokens, outputTokens, cachedTokens } = record;
  const inMs = (value: number | null) => (value === null ? undefined : { value, unit: 'ms' });
  const inTokens = (value: number | null) => (value === null ? undefined : { value, unit: 'tokens' });
  return {
    metadata: {
      benchmark_phase: send.phase === 'profiling' ? 'profiling' : 'warmup',
      conversation_id: send.conversation.id,
      turn_index: send.turn,
      expected_output_tokens: send.conversation.turns[send.turn]?.outputTokens,
      x_correlation_id: sessionId,
      lane: send.lane,
      play: send.play,
      request_start_ns: nanoseconds(epochMs + record.startMs),
      request_end_ns: nanoseconds(epochMs + record.endMs),
    },
    metrics: {
      time_to_first_token: inMs(ttftMs),
      request_latency: inMs(e2elMs),
      inter_token_latency: inMs(tpotMs),
      input_sequence_length: inTokens(inputTokens),
      output_sequence_length: inTokens(outputTokens),
      cached_tokens: inTokens(cachedTokens),
    },
    error: record.error ?? null,
  };
}

/** Undefined for a request that was never sent. */
function nanoseconds(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : Math.round(1e6 * ms);
}

function summaryOf(run: ReplayRun, report: ReplayReport, dataset: Readonly<Record<string, unknown>>) {
  const measured = measuredOf(run).filter(({ outcome }) => outcome !== 'cancelled');
  const turns = measured.flatMap(({ send, outcome }) =>
    outcome === 'completed' ? (send.conversation.turns[send.turn] ?? []) : [],
  );
  const hits = turns.reduce((sum, { idealBlocks }) => sum + idealBlocks, 0);
  const blocks = turns.reduce((sum, turn) => sum + turn.blocks, 0);
  const at = (ms: number): string => new Date(run.epochMs + ms).toISOString();
  return {
    metadata: { dataset, ...report.validity },
    start_time: at(run.profilingStartMs ?? run.endMs),
    end_time: at(
      measured.reduce((last, { endMs }) => Math.max(last, endMs), run.profilingStartMs ?? run.endMs),
    ),
    request_count: { avg: report.requests.completed, unit: 'requests' },
    error_request_count: { avg: report.requests.failed, unit: 'requests' },
    theoretical_prefix_cache_hit:
      blocks > 0 ? { sum: hits, count: blocks, avg: (100 * hits) / blocks, unit: '%' } : undefined,
  };
}
