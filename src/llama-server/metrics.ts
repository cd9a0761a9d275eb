import type { Slots } from './slots.ts';

/** Counters since the server started. */
export interface LlamaServerCounters {
  promptTokens: number;
  generationTokens: number;
  finishedRequests: number;
  /** Requests whose client went away before the end. */
  abandonedRequests: number;
}

/** The metrics in Prometheus' text format, under the names of vLLM where it has one for the same thing. */
export function metricsText(
  metrics: LlamaServerCounters,
  slots: Pick<Slots<unknown>, 'busy' | 'waiting' | 'total'>,
): string {
  const rows = [
    ['num_requests_running', 'gauge', 'Requests that hold a sequence.', slots.busy],
    ['num_requests_waiting', 'gauge', 'Requests that wait for a sequence.', slots.waiting],
    ['sequences_total', 'gauge', 'Sequences decoded together at most.', slots.total],
    ['prompt_tokens_total', 'counter', 'Prompt tokens processed.', metrics.promptTokens],
    ['generation_tokens_total', 'counter', 'Tokens generated.', metrics.generationTokens],
    ['request_success_total', 'counter', 'Requests answered to their end.', metrics.finishedRequests],
    ['request_abandoned_total', 'counter', 'Requests whose client went away.', metrics.abandonedRequests],
  ] as const;
  return rows
    .map(
      ([name, type, help, value]) =>
        `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${type}\nllamacpp:${name} ${value}\n`,
    )
    .join('');
}
