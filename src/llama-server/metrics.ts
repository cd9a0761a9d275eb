import type { DraftCounters } from './drafting.ts';
import type { Slots } from './slots.ts';

/** Counters since the server started. */
export interface LlamaServerCounters {
  /** Those that were computed, as llama.cpp counts them. */
  promptTokens: number;
  cachedPromptTokens: number;
  generationTokens: number;
  finishedRequests: number;
  /** Requests whose client disconnected before the end. */
  abandonedRequests: number;
  /** Absent if it does not draft. */
  readonly drafts?: DraftCounters;
}

/** A metric: its values, each with its labels as written. */
type Row = readonly [name: string, type: string, help: string, ...values: Value[]];
type Value = number | readonly [labels: string, value: number];

/** The metrics in Prometheus format, under vLLM's names where it has the same metric. */
export function metricsText(
  metrics: LlamaServerCounters,
  slots: Pick<Slots<unknown>, 'busy' | 'waiting' | 'total'>,
): string {
  const rows: readonly Row[] = [
    ['num_requests_running', 'gauge', 'Requests with a sequence.', slots.busy],
    ['num_requests_waiting', 'gauge', 'Requests waiting for a sequence.', slots.waiting],
    ['sequences_total', 'gauge', 'Maximum number of sequences decoded together.', slots.total],
    ['prompt_tokens_total', 'counter', 'Prompt tokens processed.', metrics.promptTokens],
    ['prompt_tokens_cached_total', 'counter', 'Prompt tokens from the cache.', metrics.cachedPromptTokens],
    ['generation_tokens_total', 'counter', 'Tokens generated.', metrics.generationTokens],
    ['request_success_total', 'counter', 'Completed requests.', metrics.finishedRequests],
    ['request_abandoned_total', 'counter', 'Requests whose client disconnected.', metrics.abandonedRequests],
    ...draftRows(metrics.drafts),
  ];
  return rows
    .map(([name, type, help, ...values]) => {
      const lines = values.map((value) => {
        const [labels, number] = typeof value === 'number' ? ['', value] : value;
        return `llamacpp:${name}${labels} ${number}\n`;
      });
      return `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

/** llama.cpp's own server has the same ones. */
function draftRows(drafts: DraftCounters | undefined): readonly Row[] {
  if (drafts === undefined) return [];
  return [
    ['spec_decode_num_drafts_total', 'counter', 'Drafts verified.', drafts.drafts],
    ['spec_decode_num_draft_tokens_total', 'counter', 'Tokens drafted.', drafts.draftedTokens],
    ['spec_decode_num_accepted_tokens_total', 'counter', 'Drafted tokens accepted.', drafts.acceptedTokens],
    [
      'spec_decode_num_accepted_tokens_per_pos_total',
      'counter',
      'Drafted tokens accepted, by position.',
      ...drafts.acceptedAt.map((count, at): Value => [`{position="${at}"}`, count]),
    ],
  ];
}
