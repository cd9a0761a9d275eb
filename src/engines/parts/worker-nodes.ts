import type { ServerSpec, WorkerSpec } from '../../plan/index.ts';

/** A worker of a disaggregated engine with its nodes of the session's allocation. */
export interface PlacedWorker {
  readonly spec: WorkerSpec;
  /** `prefill-0`, `prefill-1`, … `decode-0`, …; used in logs. */
  readonly name: string;
  readonly nodes: readonly number[];
}

/** Assigns whole nodes to every worker, in spec order, starting at node 0. */
export function placeWorkers({ disaggregated }: ServerSpec): readonly PlacedWorker[] {
  if (disaggregated === undefined) throw new Error('a disaggregated engine was asked to serve from one node');
  const workers = disaggregated.workers.flatMap((spec) =>
    Array.from({ length: spec.count }, (_, index) => ({ spec, name: `${spec.role}-${index}` })),
  );
  let next = 0;
  return workers.map(({ spec, name }) => {
    const nodes = Array.from({ length: spec.nodesPerWorker }, (_, index) => next + index);
    next += spec.nodesPerWorker;
    return { spec, name, nodes };
  });
}

/** The node that the other nodes of a worker connect to. */
export function leaderOf({ nodes, name }: PlacedWorker): number {
  const [leader] = nodes;
  if (leader === undefined) throw new Error(`worker ${name} has no nodes`);
  return leader;
}

/** Placeholder for the host name of a node of the allocation, until a launcher knows it. */
export function hostOf(node: number): string {
  return `{host:${node}}`;
}
