import type {
  AugustConfig,
  AugustNodeConfig,
  AugustNodeItem,
  AugustNodesConfig,
  AugustNodesItem,
} from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { type AgenticParts, agenticNodeEntry, agenticRolesEntry } from '../../identity/entry.ts';
import { agenticScenario, publicReplay, replayKind, replayOf, workloadId } from '../../workload/index.ts';
import type { Made } from '../decision.ts';
import type { Asked } from './asked.ts';
import { limitedOfTraces } from './concurrency.ts';
import { budgetOnNode, budgetOnNodes, type Offload } from './dram.ts';
import { nodeName, nodesName } from './names.ts';

/** Where an item of agentic traces is in the configs, and what its whole block says. */
export interface TracesItem {
  readonly key: string;
  readonly path: readonly (string | number)[];
  /** The block that the item belongs to. */
  readonly block: TracesBlock;
}

type TracesBlock = Omit<NonNullable<AugustConfig['scenarios']['agentic-coding']>[number], 'search-space'>;

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
        agenticNodeEntry(
          partsOf(config, item, { runner, totalCpuDramGb, name: nodeName(item, conc), block: place.block }),
          conc,
        ),
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
          partsOf(config, item, { runner, totalCpuDramGb, name: nodesName(item, conc), block: place.block }),
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
  { key, path, block: { 'dram-utilization': utilization } }: TracesItem,
  { pools }: Asked,
): Offload | undefined {
  return to === 'none' || utilization === undefined ? undefined : { key, path, runner, utilization, pools };
}

function partsOf(
  config: AugustConfig,
  item: AugustNodeItem | AugustNodesItem,
  made: {
    readonly runner: string;
    readonly totalCpuDramGb: number;
    readonly name: string;
    readonly block: TracesBlock;
  },
): AgenticParts {
  const { runner, totalCpuDramGb, name, block } = made;
  const own = replayOf(block);
  return {
    config,
    item,
    runner,
    totalCpuDramGb,
    durationS: own?.traffic['benchmark-duration'] ?? publicReplay.durationS,
    expName: `${config['model-prefix']}_${name}`,
    ...defined({
      workload:
        own === undefined
          ? undefined
          : {
              scenario: agenticScenario,
              id: workloadId(replayKind, own.name, own.traffic),
              traffic: own.traffic,
            },
    }),
  };
}
