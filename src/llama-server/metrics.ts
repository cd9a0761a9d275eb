import type { Slots } from './slots.ts';

/** Counters since the server started. */
export interface LlamaServerCounters {
  /** Prompt tokens that were computed. */
  promptTokens: number;
  /** Prompt tokens whose state was kept from an earlier request. */
  cachedTokens: number;
  generationTokens: number;
  finishedRequests: number;
  /** Requests whose client disconnected before the end. */
  abandonedRequests: number;
}

/** The metrics in Prometheus format, under vLLM's names where it has the same metric. */
export function metricsText(
  metrics: LlamaServerCounters,
  slots: Pick<Slots<unknown>, 'busy' | 'waiting' | 'total'>,
): string {
  const rows = [
    ['num_requests_running', 'gauge', 'Requests with a sequence.', slots.busy],
    ['num_requests_waiting', 'gauge', 'Requests waiting for a sequence.', slots.waiting],
    ['sequences_total', 'gauge', 'Maximum number of sequences decoded together.', slots.total],
    ['prompt_tokens_total', 'counter', 'Prompt tokens processed.', metrics.promptTokens],
    ['prompt_tokens_cached_total', 'counter', 'Prompt tokens that were in a sequence.', metrics.cachedTokens],
    ['generation_tokens_total', 'counter', 'Tokens generated.', metrics.generationTokens],
    ['request_success_total', 'counter', 'Completed requests.', metrics.finishedRequests],
    ['request_abandoned_total', 'counter', 'Requests whose client disconnected.', metrics.abandonedRequests],
  ] as const;
  return rows
    .map(
      ([name, type, help, value]) =>
        `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${type}\nllamacpp:${name} ${value}\n`,
    )
    .join('');
}
