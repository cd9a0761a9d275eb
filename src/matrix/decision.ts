import type { Config } from '../config/index.ts';
import type { GeneratedEntry } from '../identity/entry.ts';
import type { Scenario } from '../identity/entry-schema.ts';

/** Which kinds of engine a matrix is made for. */
export type NodeKind = 'single' | 'multi';

/** Which entries have their answers checked: those that the contract selects, beside everything else or alone; or all. */
export interface EvalSelection {
  readonly only: boolean;
  readonly all: boolean;
}

/** What narrows a full sweep; an absent filter lets everything pass (contract §2 and F3). */
export interface SweepFilters {
  /** Config keys, with wildcards. */
  readonly configKeys?: readonly string[];
  /** Config keys start with one of these. */
  readonly modelPrefixes?: readonly string[];
  readonly precisions?: readonly string[];
  readonly frameworks?: readonly string[];
  /** Runner pools, each known. */
  readonly runnerTypes?: readonly string[];
  /** Shapes by name, such as `1k8k`. */
  readonly seqLens?: readonly string[];
  readonly minConc?: number;
  readonly maxConc?: number;
  readonly maxTp?: number;
  readonly maxEp?: number;
  /** Factor between neighbouring concurrencies of a range; 2 unless told. */
  readonly stepSize?: number;
  readonly scenarios?: readonly Scenario[];
  /** One entry for each node whose name contains this. */
  readonly nodeFilter?: string;
  /** Whose answers are checked; nobody's if absent. */
  readonly evals?: EvalSelection;
}

/** What narrows the entries of named configs. */
export interface TestFilters extends Pick<SweepFilters, 'seqLens' | 'scenarios' | 'nodeFilter' | 'evals'> {
  /** Only these concurrencies of those that a config has. */
  readonly concurrencies?: readonly number[];
}

/** What became of one part of a config: the entries it makes, or the option that dropped it. */
export interface Decision {
  readonly key: string;
  /** Where in the config, such as `['seq-len-configs', 0, 'search-space', 1]`; empty for the whole config. */
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

/** Whether a key is what a pattern names. */
export type Matcher = (key: string, pattern: string) => boolean;

/** The option that keeps a whole config out, if one does. */
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
