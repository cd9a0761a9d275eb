import type { Contract, MasterConfigs, RunnerPools } from '../config/index.ts';
import type { Decision, Matcher, NodeKind, SweepFilters, TestFilters } from './decision.ts';

/** How one contract generates entries from configs. */
export interface Generator {
  readonly contract: Contract;
  /** The names of its shapes by `isl/osl`; any other shape is named `isl_osl`. */
  readonly seqLenNames: Readonly<Record<string, string>>;
  /** Spare tokens beyond prompt and reply for the chat template and special tokens. */
  readonly lengthMargin: number;
  /** Whether a config key matches a pattern. */
  readonly matches: Matcher;
  /** Whether --single-node and --multi-node may be combined to get both. */
  readonly takesBothKinds: boolean;
  /** Filters that the contract does not support. */
  readonly lacks: readonly (keyof SweepFilters | keyof TestFilters)[];
  /** The entries of every part of every config, or the filter that drops it. */
  sweep(
    configs: MasterConfigs,
    pools: RunnerPools,
    filters: SweepFilters,
    kinds: readonly NodeKind[],
  ): Decision[];
  /** The entries of the named configs, in the order of the keys, or the filter that drops them. */
  named(
    configs: MasterConfigs,
    pools: RunnerPools,
    keys: readonly string[],
    filters: TestFilters,
  ): Decision[];
}
