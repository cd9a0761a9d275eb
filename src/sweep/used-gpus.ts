import { placeWorkers } from '../engines/index.ts';
import type { ServerSpec } from '../plan/index.ts';
import type { UsedGpu } from '../results/index.ts';

/** The GPUs that a server uses on its nodes, by the numbers that their tools give them, with the role of each. */
export function usedGpus(server: ServerSpec, nodes: readonly string[]): UsedGpu[] {
  if (server.disaggregated === undefined)
    return nodes
      .slice(0, 1)
      .flatMap((hostname) => numbers(server.acceleratorCount).map((index) => gpu(hostname, index)));
  const seen = new Map<string, number>();
  return placeWorkers(server).flatMap(({ spec, nodes: own }) => {
    const { role } = spec;
    const worker = seen.get(role) ?? 0;
    seen.set(role, worker + 1);
    const each = Math.ceil(spec.acceleratorsPerWorker / own.length);
    return own.flatMap((node, part) =>
      numbers(each).map((gpuIndex) => ({
        hostname: nodes[node] ?? `node ${node}`,
        gpuIndex,
        role,
        worker,
        rank: part * each + gpuIndex,
      })),
    );
  });
}

function gpu(hostname: string, gpuIndex: number): UsedGpu {
  return { hostname, gpuIndex, role: 'agg', worker: 0, rank: gpuIndex };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
