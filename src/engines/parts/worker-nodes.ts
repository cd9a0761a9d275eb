import type { ServerSpec, WorkerSpec } from '../../plan/index.ts';

/** One worker of a disaggregated engine, with the nodes of the session's allocation that it runs on. */
export interface PlacedWorker {
  readonly spec: WorkerSpec;
  /** `prefill-0`, `prefill-1`, … `decode-0`, …: its name in logs. */
  readonly name: string;
  readonly nodes: readonly number[];
}

/** Gives every worker whole nodes, in the order of the spec, from node 0 on. */
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

/** The node of a worker that its other nodes look for. */
export function leaderOf({ nodes, name }: PlacedWorker): number {
  const [leader] = nodes;
  if (leader === undefined) throw new Error(`worker ${name} has no nodes`);
  return leader;
}

/** Stands for the host name of a node of the allocation, until a launcher knows it. */
export function hostOf(node: number): string {
  return `{host:${node}}`;
}
