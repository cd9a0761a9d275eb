import type { NodeHardware, RunnerPools } from '../../config/index.ts';
import type { WorkerGroup } from '../../identity/entry.ts';
import { gpusOfWorker } from '../../identity/entry.ts';
import { ItemFault } from '../item-fault.ts';

const bytesPerMib = 1_048_576;
/** Upper limit for the memory of a cache: 3 TB. */
const mostMib = 2_861_022;

/** An item whose cache is offloaded to the memory of its nodes. */
export interface Offload {
  readonly key: string;
  readonly path: readonly (string | number)[];
  readonly runner: string;
  readonly utilization: number;
  readonly pools: RunnerPools;
}

/** Cache memory for a single-node engine, GB: its GPUs' share of the node's memory (contract F3). */
export function budgetOnNode(layout: object, offload: Offload): number {
  const node = hardwareOf(offload);
  const gpus = gpusOfWorker({ ...layout });
  if (gpus > node.gpus)
    throw fault(
      offload,
      `the engine needs ${gpus} GPUs (tp·pp·pcp-size), and a node of '${offload.runner}' has ${node.gpus}`,
      'ask for fewer, or measure it on several nodes',
    );
  return budgetGb(node, gpus, offload.utilization);
}

/** Cache memory for a multi-node engine, GB: one prefill worker's share of a node. */
export function budgetOnNodes(prefill: WorkerGroup, offload: Offload): number {
  const node = hardwareOf(offload);
  const gpus = gpusOfWorker(prefill);
  const [whole, part] = gpus > node.gpus ? [gpus, node.gpus] : [node.gpus, gpus];
  if (whole % part !== 0)
    throw fault(
      offload,
      `a prefill worker has ${gpus} GPUs (tp·pp·pcp-size), and a node of '${offload.runner}' has ${node.gpus}`,
      gpus > node.gpus
        ? 'a worker on several nodes has whole nodes'
        : 'the workers of a node have equal shares of it',
    );
  return budgetGb(node, part === gpus ? gpus : node.gpus, offload.utilization);
}

function budgetGb({ dramMib, gpus: gpusPerNode }: NodeHardware, gpus: number, utilization: number): number {
  const bytes = Math.min(dramMib, mostMib) * bytesPerMib;
  return Math.floor((bytes * utilization * gpus) / gpusPerNode / 1e9);
}

function hardwareOf(offload: Offload): NodeHardware {
  const { runner, pools } = offload;
  const node = pools.hardware?.get(runner);
  if (node !== undefined) return node;
  throw fault(
    offload,
    `the item offloads to host memory, but the memory of a node of '${runner}' is unknown`,
    `add ${runner} to hardware in the runner pool file, with available-cpu-dram-mib and gpus-per-node`,
  );
}

function fault({ key, path }: Offload, message: string, hint: string): ItemFault {
  return new ItemFault(key, path, { message, hint });
}
