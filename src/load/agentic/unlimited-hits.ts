import type { HashId, TraceRequest } from './trace.ts';

/** A request of a trace, with what decides between requests that started at the same time. */
export interface OrderedRequest {
  readonly request: TraceRequest;
  readonly order: readonly number[];
}

/**
 * For each request of a trace, the blocks at its start that earlier requests of the trace had sent: what a cache of
 * unlimited size would hit.
 */
export function unlimitedHits(requests: readonly OrderedRequest[]): ReadonlyMap<TraceRequest, number> {
  const seen = new Set<HashId>();
  const ordered = requests.toSorted((a, b) => a.request.t - b.request.t || compare(a.order, b.order));
  return new Map(
    ordered.map(({ request }) => {
      const ids = request.hash_ids;
      const first = ids.findIndex((id) => !seen.has(id));
      for (const id of ids) seen.add(id);
      return [request, first === -1 ? ids.length : first];
    }),
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return (a[at] ?? 0) - (b[at] ?? 0);
}
