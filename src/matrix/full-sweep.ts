import type {
  Config,
  MasterConfigs,
  MultiNodeConfig,
  RunnerPools,
  SingleNodeConfig,
} from '../config/index.ts';
import { InputError } from '../errors.ts';
import { limitedConcurrencies } from './concurrency.ts';
import { multiNodeEntry, seqLenName, singleNodeEntry } from './entries.ts';
import type { MatrixEntry, MultiNodeEntry, SingleNodeEntry } from './entry.ts';

/** Which kinds of engine a matrix is made for. */
export type NodeKind = 'single' | 'multi';

/** What narrows a full sweep; an absent filter lets everything pass (contract §2). */
export interface SweepFilters {
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

/** Every entry of every config that passes the filters: single-node ones first, in the order of the configs. */
export function fullSweep(
  configs: MasterConfigs,
  pools: RunnerPools,
  filters: SweepFilters = {},
  kinds: readonly NodeKind[] = ['single', 'multi'],
): MatrixEntry[] {
  refuseUnknownPools(filters.runnerTypes ?? [], pools);
  const passing = [...configs]
    .filter(([key, config]) => passes(key, config, filters))
    .map(([, config]) => config);
  return kinds.flatMap((kind) => passing.flatMap((config) => entriesOf(config, kind, filters)));
}

/** Every entry of one config, of one kind, narrowed by the limits of the filters. */
export function entriesOf(config: Config, kind: NodeKind, filters: SweepFilters = {}): MatrixEntry[] {
  if (config.multinode) return kind === 'multi' ? multiNodeEntries(config, filters) : [];
  return kind === 'single' ? singleNodeEntries(config, filters) : [];
}

function singleNodeEntries(config: SingleNodeConfig, filters: SweepFilters): SingleNodeEntry[] {
  const { maxTp, maxEp, maxConc, stepSize = 2 } = filters;
  return blocks(config, filters).flatMap((block) =>
    block['search-space'].flatMap((item) => {
      const tp = clamp(item.tp, maxTp);
      const ep = clamp(item.ep ?? 1, maxEp);
      if (tp === undefined || ep === undefined) return [];
      const limited = { ...item, tp, ep };
      return limitedConcurrencies(item, stepSize, maxConc).map((conc) =>
        singleNodeEntry(config, block, limited, conc),
      );
    }),
  );
}

function multiNodeEntries(config: MultiNodeConfig, filters: SweepFilters): MultiNodeEntry[] {
  const { maxConc, stepSize = 2 } = filters;
  return blocks(config, filters).flatMap((block) =>
    block['search-space'].flatMap((item) => {
      const conc = limitedConcurrencies(item, stepSize, maxConc);
      return conc.length > 0 ? [multiNodeEntry(config, block, item, conc)] : [];
    }),
  );
}

function blocks<Block extends { readonly isl: number; readonly osl: number }>(
  config: { readonly 'seq-len-configs': readonly Block[] },
  { seqLens }: SweepFilters,
): readonly Block[] {
  if (seqLens === undefined) return config['seq-len-configs'];
  return config['seq-len-configs'].filter(({ isl, osl }) => seqLens.includes(seqLenName(isl, osl)));
}

/** The value at most the limit; undefined, dropping the item, when the limit itself is no possible value. */
function clamp(value: number, limit: number | undefined): number | undefined {
  if (limit === undefined) return value;
  return limit <= 0 ? undefined : Math.min(value, limit);
}

function passes(key: string, config: Config, filters: SweepFilters): boolean {
  const { modelPrefixes, precisions, frameworks, runnerTypes } = filters;
  return (
    (modelPrefixes?.some((prefix) => key.startsWith(prefix)) ?? true) &&
    (precisions?.includes(config.precision) ?? true) &&
    (frameworks?.includes(config.framework) ?? true) &&
    (runnerTypes?.includes(config.runner) ?? true)
  );
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
