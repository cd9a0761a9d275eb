import { type LocatedConfigs, loadLocatedConfigs, type RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { type Decision, ItemFault, measuredEntries } from '../matrix/index.ts';
import type { Entries } from './planning.ts';

/**
 * The entries of selected configs, with the places they come from. Positions are only computed on request.
 */
export function locatedEntries(
  decisions: readonly Decision[],
  pools: RunnerPools,
  files: readonly string[],
): Entries {
  const origins = new Map(
    decisions.flatMap((decision) => measuredEntries(decision).map((entry) => [entry, decision])),
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

/**
 * Decides which entries configs make. Throws InputError with the file position of an item that is invalid.
 */
export async function decidedOf(
  decide: () => readonly Decision[],
  files: readonly string[],
): Promise<readonly Decision[]> {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof ItemFault)) throw error;
    const { locate } = await loadLocatedConfigs(files);
    throw new InputError([{ ...locate(error.key, error.path), ...error.fault }], undefined, {
      code: 'not-measurable',
    });
  }
}
