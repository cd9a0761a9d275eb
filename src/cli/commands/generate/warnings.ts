import { closest, type MasterConfigs, matchConfigKeys } from '../../../config/index.ts';
import { formatProblem, InputError, type Problem } from '../../../errors.ts';
import type { Generator, SweepFilters } from '../../../matrix/index.ts';

/** Warns about filters that match no config. They are not errors, because the public generator accepts them. */
export function warnOfUnmatched(
  configs: MasterConfigs,
  filters: SweepFilters,
  matches: Generator['matches'],
): void {
  for (const problem of unmatched(configs, filters, matches))
    process.stderr.write(`warning: ${formatProblem(problem)}\n`);
}

function unmatched(configs: MasterConfigs, filters: SweepFilters, matches: Generator['matches']): Problem[] {
  const keys = [...configs.keys()];
  const values = (field: 'framework' | 'precision') =>
    new Set([...configs.values()].map((config) => config[field]));
  return [
    ...unknownKeys(filters.configKeys ?? [], keys, matches),
    ...(filters.modelPrefixes ?? [])
      .filter((prefix) => !keys.some((key) => key.startsWith(prefix)))
      .map((prefix) => ({ message: `no config key starts with '${prefix}'` })),
    ...unknownValues('framework', filters.frameworks ?? [], values('framework')),
    ...(filters.runnerTypes ?? [])
      .filter((pool) => ![...configs.values()].some(({ runner }) => runner === pool))
      .map((pool) => ({
        message: `no config has runner '${pool}'`,
        hint: 'use the pool in a config: only configs of the pool are generated',
      })),
    ...unknownValues('precision', filters.precisions ?? [], values('precision')),
    ...((filters.maxConc ?? 1) < 1 ? [{ message: `--max-conc ${filters.maxConc} matches nothing` }] : []),
  ];
}

function unknownKeys(
  patterns: readonly string[],
  keys: readonly string[],
  matches: Generator['matches'],
): readonly Problem[] {
  try {
    matchConfigKeys(patterns, keys, matches);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

function unknownValues(field: string, asked: readonly string[], known: ReadonlySet<string>): Problem[] {
  return asked
    .filter((value) => !known.has(value))
    .map((value) => {
      const near = closest(value, known);
      return {
        message: `no config has ${field} '${value}'`,
        hint:
          near === undefined ? `there are ${[...known].toSorted().join(', ')}` : `did you mean '${near}'?`,
      };
    });
}
