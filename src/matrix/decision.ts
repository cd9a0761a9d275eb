import type { Config } from '../config/index.ts';
import type { GeneratedEntry } from '../identity/entry.ts';
import type { Scenario } from '../identity/entry-schema.ts';

/** The kinds of engines to generate entries for. */
export type NodeKind = 'single' | 'multi';

/**
 * Which entries are checked for accuracy: those that the contract selects, in addition to measurements or alone, or
 * all.
 */
export interface EvalSelection {
  readonly only: boolean;
  readonly all: boolean;
}

/** Filters of a full sweep; an absent filter matches everything (contract §2 and F3). */
export interface SweepFilters {
  /** Config keys, with wildcards. */
  readonly configKeys?: readonly string[];
  /** Prefixes of config keys. */
  readonly modelPrefixes?: readonly string[];
  readonly precisions?: readonly string[];
  readonly frameworks?: readonly string[];
  /** Runner pools, all known. */
  readonly runnerTypes?: readonly string[];
  /** Shapes by name, such as `1k8k`. */
  readonly seqLens?: readonly string[];
  readonly minConc?: number;
  readonly maxConc?: number;
  readonly maxTp?: number;
  readonly maxEp?: number;
  /** Factor between neighbouring concurrencies of a range; default: 2. */
  readonly stepSize?: number;
  readonly scenarios?: readonly Scenario[];
  /** One entry per node whose name contains this text. */
  readonly nodeFilter?: string;
  /** Which entries are checked for accuracy; none if absent. */
  readonly evals?: EvalSelection;
}

/** Filters for the entries of named configs. */
export interface TestFilters extends Pick<SweepFilters, 'seqLens' | 'scenarios' | 'nodeFilter' | 'evals'> {
  /** Only these of the concurrencies that a config has. */
  readonly concurrencies?: readonly number[];
}

/** The decision for one part of a config: the entries it generates, or the option that dropped it. */
export interface Decision {
  readonly key: string;
  /** Position in the config, such as `['seq-len-configs', 0, 'search-space', 1]`; empty for the whole config. */
  readonly path: readonly (string | number)[];
  readonly entries: readonly GeneratedEntry[];
  readonly droppedBy?: string;
}

export type Made = Pick<Decision, 'entries' | 'droppedBy'>;

export function dropped(key: string, droppedBy: string, path: Decision['path'] = []): Decision {
  return { key, path, entries: [], droppedBy };
}

export function kindOf({ multinode }: Config): NodeKind {
  return multinode ? 'multi' : 'single';
}

/** Whether a key matches a pattern. */
export type Matcher = (key: string, pattern: string) => boolean;

/** The option that excludes a whole config, if any. */
export function configFilter(
  key: string,
  config: Config,
  filters: SweepFilters,
  matches: Matcher,
): string | undefined {
  const { configKeys, modelPrefixes, precisions, frameworks, runnerTypes } = filters;
  if (configKeys?.some((pattern) => matches(key, pattern)) === false) return '--config-keys';
  if (modelPrefixes?.some((prefix) => key.startsWith(prefix)) === false) return '--model-prefix';
  if (precisions?.includes(config.precision) === false) return '--precision';
  if (frameworks?.includes(config.framework) === false) return '--framework';
  if (runnerTypes?.includes(config.runner) === false) return '--runner-type';
  return undefined;
}
