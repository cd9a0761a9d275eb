import { type LocatedConfigs, loadLocatedConfigs, type RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { type Decision, ItemFault, isAgentic, withLengths } from '../matrix/index.ts';
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
    decisions.flatMap((decision) => withLengths(decision).map((entry) => [entry, decision])),
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

/** Throws InputError if a config has an agentic scenario, which can be generated but not measured yet. */
export async function refuseTraces(decisions: readonly Decision[], files: readonly string[]): Promise<void> {
  const first = decisions.find(({ entries }) => entries.some(isAgentic));
  if (first === undefined) return;
  const { locate } = await loadLocatedConfigs(files);
  const hasRest = decisions.some(
    (decision) => decision.key === first.key && withLengths(decision).length > 0,
  );
  const hint = hasRest
    ? `generate the other scenarios with \`inferencemax generate test-config --config-keys ${first.key} --scenario-type fixed-seq-len\`, and pass the result with --entries`
    : 'select other configs';
  const message = `config '${first.key}' has the scenario agentic-coding, which can be generated but not run: sweeps do not replay agent sessions yet`;
  throw new InputError([{ code: 'not-measurable', ...locate(first.key, first.path), message, hint }]);
}
