import { type Decision, withLengths } from '../../matrix/index.ts';
import type { CheckSubject } from './check.ts';

/** What can be done with configs here, by their keys, each in one of the lists. */
export interface ConfigsByRecipe {
  /** A recipe for their model serves them. */
  readonly own: readonly string[];
  /** Their engine's recipe for any model serves them. */
  readonly generic: readonly string[];
  /** There is no recipe for them, or no engine: they can be generated and not run. */
  readonly none: readonly string[];
  /** They ask for traces of agents and nothing else, which can be generated and not run. */
  readonly traces: readonly string[];
}

/** Which of decided configs have a recipe here. */
export function configsByRecipe(
  decisions: readonly Decision[],
  subjects: readonly CheckSubject[],
): ConfigsByRecipe {
  const subjectOf = new Map(subjects.flatMap((subject) => subject.entries.map((entry) => [entry, subject])));
  const made = decisions.filter(({ entries }) => entries.length > 0);
  const uses = [...Map.groupBy(made, ({ key }) => key)].map(([key, own]) => {
    const served = own.flatMap(withLengths).map((entry) => useOf(subjectOf.get(entry)));
    const use = served.length === 0 ? 'traces' : (worst.find((one) => served.includes(one)) ?? 'own');
    return { key, use };
  });
  const keysOf = (wanted: keyof ConfigsByRecipe) =>
    uses.filter(({ use }) => use === wanted).map(({ key }) => key);
  return {
    own: keysOf('own'),
    generic: keysOf('generic'),
    none: keysOf('none'),
    traces: keysOf('traces'),
  };
}

/** A config counts by that of its entries for which the least can be done. */
const worst = ['none', 'generic'] as const;

function useOf(subject: CheckSubject | undefined): 'own' | 'generic' | 'none' {
  if (subject?.chosen === undefined || subject.sessions.length === 0) return 'none';
  return subject.chosen.is === 'generic' ? 'generic' : 'own';
}
