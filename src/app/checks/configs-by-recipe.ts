import { type Decision, withLengths } from '../../matrix/index.ts';
import type { CheckSubject } from './check.ts';

/** Config keys by what can be done with the configs here; each key is in one list. */
export interface ConfigsByRecipe {
  /** Served by a recipe for their model. */
  readonly own: readonly string[];
  /** Served by their engine's generic recipe. */
  readonly generic: readonly string[];
  /** Without a recipe or an engine: they can be generated but not run. */
  readonly none: readonly string[];
  /** Only agentic traces, which can be generated but not run. */
  readonly traces: readonly string[];
}

/** Groups decided configs by the recipe that serves them. */
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

/** A config counts as its worst entry. */
const worst = ['none', 'generic'] as const;

function useOf(subject: CheckSubject | undefined): 'own' | 'generic' | 'none' {
  if (subject?.chosen === undefined || subject.sessions.length === 0) return 'none';
  return subject.chosen.is === 'generic' ? 'generic' : 'own';
}
