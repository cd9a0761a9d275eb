import { type MasterConfigs, matchConfigKeys } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import {
  isMultiNode,
  isSingleNode,
  type MatrixEntry,
  type MultiNodeEntry,
  type SingleNodeEntry,
  seqLenName,
  testConfig,
} from '../matrix/index.ts';
import type { ChangelogEntry, LocatedEntry } from './changelog-file.ts';

/** What a change asks to measure again, in the public format (contract §3). */
export interface Rerun {
  readonly single_node: Readonly<Record<string, readonly SingleNodeEntry[]>>;
  readonly multi_node: Readonly<Record<string, readonly MultiNodeEntry[]>>;
  readonly changelog_metadata: {
    readonly base_ref: string;
    readonly head_ref: string;
    readonly entries: readonly ChangelogEntry[];
  };
}

/** The config keys that an added entry requests and no earlier added entry does. */
export interface KeysOfEntry extends LocatedEntry {
  readonly keys: readonly string[];
}

/** Resolves the keys of added entries, each key once. Throws InputError for every pattern that matches no config. */
export function keysToRerun(
  added: readonly LocatedEntry[],
  configs: MasterConfigs,
  file: string,
): KeysOfEntry[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const resolved = added.map((located): KeysOfEntry => {
    try {
      const keys = matchConfigKeys(located.entry['config-keys'], [...configs.keys()]).filter(
        (key) => !seen.has(key),
      );
      for (const key of keys) seen.add(key);
      return { ...located, keys };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, file, line: located.line })));
      return { ...located, keys: [] };
    }
  });
  if (problems.length > 0) throw new InputError(problems);
  return resolved;
}

/** The entries to measure, grouped by shape, as `test-config` generates them. */
export function rerunOf(
  resolved: readonly KeysOfEntry[],
  configs: MasterConfigs,
  refs: { readonly base: string; readonly head: string },
): Rerun {
  const entries = testConfig(
    configs,
    resolved.flatMap(({ keys }) => keys),
  );
  return {
    single_node: byShape(entries.filter(isSingleNode)),
    multi_node: byShape(entries.filter(isMultiNode)),
    changelog_metadata: {
      base_ref: refs.base,
      head_ref: refs.head,
      entries: resolved.map(({ entry }) => entry),
    },
  };
}

function byShape<Entry extends MatrixEntry>(entries: readonly Entry[]): Record<string, Entry[]> {
  return Object.fromEntries(Map.groupBy(entries, ({ isl, osl }) => seqLenName(isl, osl)));
}
