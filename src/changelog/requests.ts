import { type MasterConfigs, matchConfigKeys } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { type Scenario, scenarios } from '../identity/index.ts';
import type { LocatedEntry } from './changelog-file.ts';

/** Options of a sweep beside the changelog, such as labels of a pull request. */
export interface Modifiers {
  /** Measure each recipe at its lowest concurrency only. */
  readonly trimConc?: boolean;
  /** Check all answers that can be checked, beside what is measured anyway. */
  readonly allEvals?: boolean;
  /** Check answers and measure nothing. */
  readonly evalsOnly?: boolean;
}

/** What one entry decides of one scenario: config keys that no entry before it named for the same. */
export interface ChangelogRequest {
  readonly located: LocatedEntry;
  readonly scenario: Scenario;
  readonly throughput: readonly string[];
  readonly evals: readonly string[];
  readonly allEvals: boolean;
}

/** An added entry with the config keys that it names. */
export interface KeysOfEntry extends LocatedEntry {
  readonly keys: readonly string[];
}

/** Resolves the keys of added entries (`*` is a wildcard); throws InputError for every pattern that names no config. */
export function withKeys(added: readonly LocatedEntry[], configs: MasterConfigs): KeysOfEntry[] {
  const problems: Problem[] = [];
  const resolved = added.map((located): KeysOfEntry => {
    try {
      return { ...located, keys: matchConfigKeys(located.entry['config-keys'], [...configs.keys()]) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const { file, line } = located;
      problems.push(...error.problems.map((problem) => ({ ...problem, file, line })));
      return { ...located, keys: [] };
    }
  });
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'bad-changelog' });
  return resolved;
}

/**
 * What added entries request. Entries with `all-evals` are considered first; for each config and scenario, the first
 * entry that requests throughput decides it, and likewise for accuracy checks (contract F4).
 */
export function requestsOf(
  added: readonly KeysOfEntry[],
  { allEvals = false, evalsOnly = false }: Modifiers,
): ChangelogRequest[] {
  const measured = claims();
  const checked = claims();
  const first = added.filter(({ entry }) => entry['all-evals'] === true);
  return [...first, ...added.filter((one) => !first.includes(one))].flatMap((located) => {
    const { entry, keys } = located;
    const all = entry['all-evals'] === true;
    const isOnly = evalsOnly || all || entry['evals-only'] === true;
    return scenarios
      .filter((scenario) => entry['scenario-type']?.includes(scenario) ?? true)
      .map((scenario) => ({
        located,
        scenario,
        throughput: isOnly ? [] : measured(keys, scenario),
        evals: entry['append-only'] === true ? [] : checked(keys, scenario),
        allEvals: allEvals || all,
      }));
  });
}

/** Takes the keys that were not taken before for the scenario. */
function claims(): (keys: readonly string[], scenario: Scenario) => string[] {
  const taken = new Set<string>();
  return (keys, scenario) => {
    const free = keys.filter((key) => !taken.has(`${scenario} ${key}`));
    for (const key of free) taken.add(`${scenario} ${key}`);
    return free;
  };
}
