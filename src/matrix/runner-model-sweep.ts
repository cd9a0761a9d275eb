import {
  type JanuaryConfig,
  type MasterConfigs,
  type MultiNodeConfig,
  type MultiNodeItem,
  matchesPattern,
  type RunnerPools,
  type SingleNodeConfig,
  type SingleNodeItem,
} from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry, MultiNodeEntry, SingleNodeEntry } from '../identity/entry.ts';
import { concurrencies } from './concurrency.ts';
import { generatorFor } from './contracts.ts';
import type { Decision, NodeKind } from './decision.ts';
import { entryOfNode, entryOfNodes } from './entries.ts';
import { january } from './january.ts';

export interface RunnerModelSweep {
  readonly runnerType: string;
  /** Only nodes whose name contains this text. */
  readonly nodeFilter?: string;
  readonly kind: NodeKind;
  /** Only these configs, with `*` wildcards. */
  readonly configKeys?: readonly string[];
}

/** The shape and length for this check of every node, whatever the configs have. */
const shape = { isl: 1024, osl: 1024 };
const naming = { name: 'test', maxModelLen: 2048 };

/**
 * The smallest useful point of each config of a pool, once on each of its nodes, to check that every node serves every
 * model.
 */
export function runnerModelSweep(
  configs: MasterConfigs,
  pools: RunnerPools,
  sweep: RunnerModelSweep,
): Decision[] {
  if (generatorFor(configs, pools) !== january)
    throw new InputError(
      `runner-model-sweep reads configs of ${january.contract.name} only`,
      'for those of later contracts, `generate full-sweep --runner-node-filter` makes an entry for each node',
      { code: 'bad-config' },
    );
  const nodes = nodesOf(pools, sweep);
  return [...configs].flatMap(([key, config]): Decision | never[] => {
    if (!('seq-len-configs' in config)) return [];
    if (config.runner !== sweep.runnerType) return { key, path: [], entries: [], droppedBy: '--runner-type' };
    if (!named(key, sweep.configKeys)) return { key, path: [], entries: [], droppedBy: '--config-keys' };
    const entries = probe(config, sweep.kind).flatMap((entry) =>
      nodes.map((runner) => ({ ...entry, runner })),
    );
    return { key, path: [], entries };
  });
}

function named(key: string, patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => matchesPattern(key, pattern)) ?? true;
}

function nodesOf(pools: RunnerPools, { runnerType, nodeFilter = '' }: RunnerModelSweep): readonly string[] {
  const nodes = pools.get(runnerType);
  if (nodes === undefined) {
    throw new InputError(`no runner pool ${runnerType}`, `the pools are ${[...pools.keys()].join(', ')}`, {
      code: 'unknown-runner',
    });
  }
  const chosen = nodes.filter((node) => node.includes(nodeFilter));
  if (chosen.length === 0) {
    throw new InputError(
      `no node of pool ${runnerType} contains '${nodeFilter}'`,
      `its nodes are ${nodes.join(', ')}`,
      { code: 'unknown-runner' },
    );
  }
  return chosen;
}

function probe(config: JanuaryConfig, kind: NodeKind): MatrixEntry[] {
  if (config.multinode) return kind === 'multi' ? multiNodeProbe(config) : [];
  return kind === 'single' ? singleNodeProbe(config) : [];
}

/** The item with the most tensor parallelism (the first of equals), at its lowest concurrency. */
function singleNodeProbe(config: SingleNodeConfig): SingleNodeEntry[] {
  const item = firstBest(searchSpace<SingleNodeItem>(config), (a, b) => a.tp > b.tp);
  return item === undefined ? [] : [entryOfNode(config, shape, item, lowest(item), naming)];
}

/** The item with the lowest concurrency. */
function multiNodeProbe(config: MultiNodeConfig): MultiNodeEntry[] {
  const item = firstBest(searchSpace<MultiNodeItem>(config), (a, b) => lowest(a) < lowest(b));
  if (item === undefined) return [];
  const withAllSettings = {
    ...item,
    prefill: withSettings(item.prefill),
    decode: withSettings(item.decode),
  };
  return [entryOfNodes(config, shape, withAllSettings, [lowest(item)], naming)];
}

function searchSpace<Item>(config: {
  readonly 'seq-len-configs': readonly {
    readonly isl: number;
    readonly osl: number;
    readonly 'search-space': readonly Item[];
  }[];
}): readonly Item[] {
  const block = config['seq-len-configs'].find(({ isl, osl }) => isl === shape.isl && osl === shape.osl);
  return block?.['search-space'] ?? [];
}

function lowest(item: SingleNodeItem | MultiNodeItem): number {
  return Math.min(...concurrencies(item, 2));
}

function withSettings(group: MultiNodeItem['prefill']): MultiNodeItem['prefill'] {
  return { ...group, 'additional-settings': group['additional-settings'] ?? [] };
}

function firstBest<Item>(items: readonly Item[], better: (a: Item, b: Item) => boolean): Item | undefined {
  let best = items[0];
  for (const item of items) if (best !== undefined && better(item, best)) best = item;
  return best;
}
