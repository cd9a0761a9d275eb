import type { Contract, MasterConfigs, RunnerPools } from '../config/index.ts';
import type { Decision, Matcher, NodeKind, SweepFilters, TestFilters } from './decision.ts';

/** How the entries of one contract are made of configs. */
export interface Generator {
  readonly contract: Contract;
  /** The names of its shapes, by `isl/osl`; any other is called `isl_osl`. */
  readonly seqLenNames: Readonly<Record<string, string>>;
  /** Tokens kept free beyond prompt and answer for the chat template and special tokens. */
  readonly lengthMargin: number;
  /** Whether a config key is what a pattern names. */
  readonly matches: Matcher;
  /** Whether --single-node and --multi-node together ask for both. */
  readonly takesBothKinds: boolean;
  /** Filters that the contract does not have. */
  readonly lacks: readonly (keyof SweepFilters | keyof TestFilters)[];
  /** What every part of every config makes, or which filter drops it. */
  sweep(
    configs: MasterConfigs,
    pools: RunnerPools,
    filters: SweepFilters,
    kinds: readonly NodeKind[],
  ): Decision[];
  /** The same of the named configs, in the order of the keys. */
  named(
    configs: MasterConfigs,
    pools: RunnerPools,
    keys: readonly string[],
    filters: TestFilters,
  ): Decision[];
}
