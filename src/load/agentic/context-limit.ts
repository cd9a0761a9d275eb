import { type AgentTrace, isSubagent, type TraceRequest, type TraceSubagent } from './trace.ts';

/** Whether every request of a trace fits into this many tokens, with its reply. */
export function fitsContext({ requests }: AgentTrace, tokens: number): boolean {
  return requests.every((entry) =>
    (isSubagent(entry) ? entry.requests : [entry]).every(
      ({ in: input, out }) => input + Math.max(1, out) <= tokens,
    ),
  );
}

/**
 * The trace without the requests that need more than this many tokens with their replies, and without subagents of
 * which nothing is left; undefined if nothing is left at all. The others keep their distances in time, and the first
 * starts at 0.
 */
export function withinContext(trace: AgentTrace, tokens: number): AgentTrace | undefined {
  const fits = ({ in: input, out }: TraceRequest): boolean => input + out <= tokens;
  const kept = trace.requests.flatMap((entry): readonly (TraceRequest | TraceSubagent)[] => {
    if (!isSubagent(entry)) return fits(entry) ? [entry] : [];
    const requests = entry.requests.filter(fits);
    return requests.length === 0 ? [] : [{ ...entry, requests }];
  });
  if (kept.length === 0) return undefined;
  if (
    requestsIn(kept).length === requestsIn(trace.requests).length &&
    kept.length === trace.requests.length
  ) {
    return trace;
  }
  const originS = Math.min(...requestsIn(kept).map(({ t }) => t));
  const moved = (request: TraceRequest): TraceRequest => ({ ...request, t: request.t - originS });
  return {
    ...trace,
    requests: kept.map((entry) =>
      isSubagent(entry) ? remeasured(entry, entry.requests.map(moved)) : moved(entry),
    ),
  };
}

function requestsIn(entries: readonly (TraceRequest | TraceSubagent)[]): readonly TraceRequest[] {
  return entries.flatMap((entry) => (isSubagent(entry) ? entry.requests : [entry]));
}

/** A subagent with what its requests say about its time and tokens. */
function remeasured(entry: TraceSubagent, requests: TraceRequest[]): TraceSubagent {
  const t = Math.min(...requests.map((request) => request.t));
  const endS = Math.max(...requests.map((request) => request.t + (request.api_time ?? 0)));
  return {
    ...entry,
    t,
    duration_ms: roundedHalfEven(1000 * (endS - t)),
    total_tokens: requests.reduce((sum, { in: input, out }) => sum + input + out, 0),
    requests,
  };
}

function roundedHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
