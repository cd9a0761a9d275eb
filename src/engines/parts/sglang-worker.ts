import type { EngineCommand, EngineStep } from '../engine.ts';
import { hostOf, leaderOf, type PlacedWorker } from './worker-nodes.ts';

const rendezvousPort = 20_000;

/** The steps of one SGLang worker: one process per node; the processes connect to the first one. */
export function sglangWorkerSteps(
  worker: PlacedWorker,
  command: (args: readonly string[]) => EngineCommand,
): readonly EngineStep[] {
  const single = worker.nodes.length === 1;
  return worker.nodes.map((node, rank) => ({
    name: single ? worker.name : `${worker.name}-node-${rank}`,
    nodes: [node],
    tasksPerNode: 1,
    mpi: false,
    worker: worker.spec,
    ...command([...worker.spec.args, ...(single ? [] : nodeFlags(worker, rank))]),
  }));
}

function nodeFlags(worker: PlacedWorker, rank: number): string[] {
  return [
    '--dist-init-addr',
    `${hostOf(leaderOf(worker))}:${rendezvousPort}`,
    '--nnodes',
    String(worker.nodes.length),
    '--node-rank',
    String(rank),
  ];
}
