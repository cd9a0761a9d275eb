import type {
  AugustConfig,
  AugustNodeConfig,
  AugustNodeItem,
  AugustNodesConfig,
  AugustNodesItem,
} from '../../config/index.ts';
import { type AgenticParts, agenticNodeEntry, agenticRolesEntry } from '../../identity/entry.ts';
import type { Made } from '../decision.ts';
import type { Asked } from './asked.ts';
import { limitedOfTraces } from './concurrency.ts';
import { budgetOnNode, budgetOnNodes, type Offload } from './dram.ts';
import { nodeName, nodesName } from './names.ts';

/** Duration of each agentic measurement, s. */
const durationS = 3600;

/** Where an item of agentic traces is in the configs, and the share of its nodes' memory that it may use. */
export interface TracesItem {
  readonly key: string;
  readonly path: readonly (string | number)[];
  readonly utilization: number | undefined;
}

/** The entries of a single-node agentic item: one per concurrency and runner. */
export function nodeTraces(
  config: AugustNodeConfig,
  item: AugustNodeItem,
  place: TracesItem,
  asked: Asked,
): Made {
  const limited = asked.chosen(limitedOfTraces(item, asked.limits));
  if ('droppedBy' in limited) return { entries: [], droppedBy: limited.droppedBy };
  const offload = offloadOf(config, item, place, asked);
  const totalCpuDramGb = offload === undefined ? 0 : budgetOnNode(item, offload);
  return {
    entries: limited.concs.flatMap((conc) =>
      asked.runners.map((runner) =>
        agenticNodeEntry(partsOf(config, item, { runner, totalCpuDramGb, name: nodeName(item, conc) }), conc),
      ),
    ),
  };
}

/** The entries of a multi-node agentic item; each concurrency is a separate allocation. */
export function nodesTraces(
  config: AugustNodesConfig,
  item: AugustNodesItem,
  place: TracesItem,
  asked: Asked,
): Made {
  const limited = asked.chosen(limitedOfTraces(item, asked.limits));
  if ('droppedBy' in limited) return { entries: [], droppedBy: limited.droppedBy };
  const offload = offloadOf(config, item, place, asked);
  const totalCpuDramGb = offload === undefined ? 0 : budgetOnNodes(item.prefill, offload);
  return {
    entries: asked.runners.flatMap((runner) =>
      limited.concs.map((conc) =>
        agenticRolesEntry(
          partsOf(config, item, { runner, totalCpuDramGb, name: nodesName(item, conc) }),
          item,
          conc,
        ),
      ),
    ),
  };
}

/** The inputs for the cache memory, if the cache is offloaded. */
function offloadOf(
  { runner }: AugustConfig,
  { 'kv-offloading': to = 'none' }: AugustNodeItem | AugustNodesItem,
  { key, path, utilization }: TracesItem,
  { pools }: Asked,
): Offload | undefined {
  return to === 'none' || utilization === undefined ? undefined : { key, path, runner, utilization, pools };
}

function partsOf(
  config: AugustConfig,
  item: AugustNodeItem | AugustNodesItem,
  made: { readonly runner: string; readonly totalCpuDramGb: number; readonly name: string },
): AgenticParts {
  const { runner, totalCpuDramGb, name } = made;
  return { config, item, runner, totalCpuDramGb, durationS, expName: `${config['model-prefix']}_${name}` };
}
