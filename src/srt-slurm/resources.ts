import type { SrtResources } from './recipe-schema.ts';
import type { RoleWorkers, WorkerRole } from './topology.ts';

/** Whether prefill and decode are separate workers. */
export function isDisaggregated({ prefill_nodes: prefill, decode_nodes: decode }: SrtResources): boolean {
  return prefill != null || decode != null;
}

/** The workers of each role, in the order in which they are placed. */
export function workerGroups(resources: SrtResources): RoleWorkers[] {
  const group = (role: WorkerRole, count: number | null | undefined, gpusEach: number) => ({
    role,
    count: count ?? 0,
    gpusEach,
  });
  return [
    group('prefill', resources.prefill_workers, gpusPerPrefill(resources)),
    group('decode', resources.decode_workers, gpusPerDecode(resources)),
    group('agg', resources.agg_workers, gpusPerAggregated(resources)),
  ];
}

/** The GPUs of all workers of a group. */
export function gpusOf({ count, gpusEach }: RoleWorkers): number {
  return count * gpusEach;
}

/** The nodes of workers, unless a backend lets prefill and decode share them. */
export function workerNodes(resources: SrtResources): number {
  if (!isDisaggregated(resources)) return resources.agg_nodes || 1;
  return (resources.prefill_nodes ?? 0) + (resources.decode_nodes ?? 0);
}

/** GPUs of a worker: as stated, else its share of the nodes of its role. */
function gpusPerPrefill(one: SrtResources): number {
  return one.gpus_per_prefill ?? shareOf(one.prefill_nodes, one.prefill_workers, one) ?? one.gpus_per_node;
}

/** Decode workers without nodes use those of prefill workers, and as many GPUs. */
function gpusPerDecode(one: SrtResources): number {
  const own = one.gpus_per_decode ?? shareOf(one.decode_nodes, one.decode_workers, one);
  if (own !== undefined) return own;
  return one.decode_nodes === 0 && (one.decode_workers ?? 0) > 0 ? gpusPerPrefill(one) : one.gpus_per_node;
}

function gpusPerAggregated(one: SrtResources): number {
  return one.gpus_per_agg ?? shareOf(one.agg_nodes, one.agg_workers, one) ?? one.gpus_per_node;
}

function shareOf(
  nodes: number | null | undefined,
  workers: number | null | undefined,
  { gpus_per_node: gpus }: SrtResources,
): number | undefined {
  return nodes && workers ? Math.floor((nodes * gpus) / workers) : undefined;
}
