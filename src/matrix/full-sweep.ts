import {
  type Config,
  type MasterConfigs,
  type MultiNodeConfig,
  matchesPattern,
  type RunnerPools,
  type SingleNodeConfig,
} from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry } from '../identity/entry.ts';
import { limitedConcurrencies } from './concurrency.ts';
import { entryOfNode, entryOfNodes, seqLenName } from './entries.ts';

/** Which kinds of engine a matrix is made for. */
export type NodeKind = 'single' | 'multi';

/** What narrows a full sweep; an absent filter lets everything pass (contract §2). */
export interface SweepFilters {
  /** Config keys, with `*` wildcards. */
  readonly configKeys?: readonly string[];
  /** Config keys start with one of these. */
  readonly modelPrefixes?: readonly string[];
  readonly precisions?: readonly string[];
  readonly frameworks?: readonly string[];
  /** Runner pools, each known. */
  readonly runnerTypes?: readonly string[];
  /** Shapes by name, such as `1k8k`. */
  readonly seqLens?: readonly string[];
  readonly maxConc?: number;
  readonly maxTp?: number;
  readonly maxEp?: number;
  /** Factor between neighbouring concurrencies of a range; 2 unless told. */
  readonly stepSize?: number;
}

/** What became of one part of a config: the entries it makes, or the option that dropped it. */
export interface Decision {
  readonly key: string;
  /** Where in the config, such as `['seq-len-configs', 0, 'search-space', 1]`; empty for the whole config. */
  readonly path: readonly (string | number)[];
  readonly entries: readonly MatrixEntry[];
  readonly droppedBy?: string;
}

/** Every entry of every config that passes the filters: single-node ones first, in the order of the configs. */
export function fullSweep(
  configs: MasterConfigs,
  pools: RunnerPools,
  filters: SweepFilters = {},
  kinds: readonly NodeKind[] = ['single', 'multi'],
): MatrixEntry[] {
  return decide(configs, pools, filters, kinds).flatMap(({ entries }) => entries);
}

/** The same, saying for every part of every config what it makes or why it makes nothing. */
export function decide(
  configs: MasterConfigs,
  pools: RunnerPools,
  filters: SweepFilters = {},
  kinds: readonly NodeKind[] = ['single', 'multi'],
): Decision[] {
  refuseUnknownPools(filters.runnerTypes ?? [], pools);
  const wanted = kinds.flatMap((kind) => [...configs].filter(([, config]) => kindOf(config) === kind));
  const unwanted = [...configs].filter(([, config]) => !kinds.includes(kindOf(config)));
  return [
    ...wanted.flatMap(([key, config]) => decideConfig(key, config, filters)),
    ...unwanted.map(([key, config]) => dropped(key, config.multinode ? '--single-node' : '--multi-node')),
  ];
}

/** What every part of one config makes, or which filter drops it. */
export function decideConfig(key: string, config: Config, filters: SweepFilters): Decision[] {
  const droppedBy = configFilter(key, config, filters);
  if (droppedBy !== undefined) return [dropped(key, droppedBy)];
  return config.multinode
    ? decideBlocks(key, config['seq-len-configs'], filters, (block) => multiNodeBlock(config, block, filters))
    : decideBlocks(key, config['seq-len-configs'], filters, (block) =>
        singleNodeBlock(config, block, filters),
      );
}

function decideBlocks<Block extends { readonly isl: number; readonly osl: number }>(
  key: string,
  blocks: readonly Block[],
  { seqLens }: SweepFilters,
  make: (block: Block) => Made[],
): Decision[] {
  return blocks.flatMap((block, index): Decision[] => {
    const path = ['seq-len-configs', index];
    if (seqLens?.includes(seqLenName(block.isl, block.osl)) === false)
      return [dropped(key, '--seq-lens', path)];
    return make(block).map((made, item) => ({ key, path: [...path, 'search-space', item], ...made }));
  });
}

type Made = Pick<Decision, 'entries' | 'droppedBy'>;

function singleNodeBlock(
  config: SingleNodeConfig,
  block: SingleNodeConfig['seq-len-configs'][number],
  { maxTp, maxEp, maxConc, stepSize = 2 }: SweepFilters,
): Made[] {
  return block['search-space'].map((item) => {
    const tp = clamp(item.tp, maxTp);
    const ep = clamp(item.ep ?? 1, maxEp);
    if (tp === undefined) return { entries: [], droppedBy: '--max-tp' };
    if (ep === undefined) return { entries: [], droppedBy: '--max-ep' };
    const points = limitedConcurrencies(item, stepSize, maxConc);
    if (points.length === 0) return { entries: [], droppedBy: '--max-conc' };
    return { entries: points.map((conc) => entryOfNode(config, block, { ...item, tp, ep }, conc)) };
  });
}

function multiNodeBlock(
  config: MultiNodeConfig,
  block: MultiNodeConfig['seq-len-configs'][number],
  { maxConc, stepSize = 2 }: SweepFilters,
): Made[] {
  return block['search-space'].map((item) => {
    const conc = limitedConcurrencies(item, stepSize, maxConc);
    if (conc.length === 0) return { entries: [], droppedBy: '--max-conc' };
    return { entries: [entryOfNodes(config, block, item, conc)] };
  });
}

/** The option that keeps a whole config out, if one does. */
function configFilter(key: string, config: Config, filters: SweepFilters): string | undefined {
  const { configKeys, modelPrefixes, precisions, frameworks, runnerTypes } = filters;
  if (configKeys?.some((pattern) => matchesPattern(key, pattern)) === false) return '--config-keys';
  if (modelPrefixes?.some((prefix) => key.startsWith(prefix)) === false) return '--model-prefix';
  if (precisions?.includes(config.precision) === false) return '--precision';
  if (frameworks?.includes(config.framework) === false) return '--framework';
  if (runnerTypes?.includes(config.runner) === false) return '--runner-type';
  return undefined;
}

function dropped(key: string, droppedBy: string, path: Decision['path'] = []): Decision {
  return { key, path, entries: [], droppedBy };
}

function kindOf(config: Config): NodeKind {
  return config.multinode ? 'multi' : 'single';
}

/** The value at most the limit; undefined, dropping the item, when the limit itself is no possible value. */
function clamp(value: number, limit: number | undefined): number | undefined {
  if (limit === undefined) return value;
  return limit <= 0 ? undefined : Math.min(value, limit);
}

function refuseUnknownPools(names: readonly string[], pools: RunnerPools): void {
  const unknown = names.filter((name) => !pools.has(name));
  if (unknown.length > 0) {
    throw new InputError(
      `no runner pool ${unknown.join(', ')}`,
      `the pools are ${[...pools.keys()].join(', ')}`,
    );
  }
}
