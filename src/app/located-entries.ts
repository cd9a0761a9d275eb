import { type LocatedConfigs, loadLocatedConfigs, type RunnerPools } from '../config/index.ts';
import type { Decision } from '../matrix/index.ts';
import type { Entries } from './planning.ts';

/** The entries of decided configs, which can say where they come from. Positions are only looked for if they are asked. */
export function locatedEntries(
  decisions: readonly Decision[],
  pools: RunnerPools,
  files: readonly string[],
): Entries {
  const origins = new Map(
    decisions.flatMap((decision) => decision.entries.map((entry) => [entry, decision])),
  );
  let located: Promise<LocatedConfigs> | undefined;
  return {
    entries: [...origins.keys()],
    pools,
    locate: async (entry, field, ofItem) => {
      const origin = origins.get(entry);
      if (origin === undefined) return {};
      located ??= loadLocatedConfigs(files);
      const path = ofItem ? origin.path : [];
      return (await located).locate(origin.key, field === undefined ? path : [...path, field]);
    },
  };
}
