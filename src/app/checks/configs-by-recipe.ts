import { type Decision, measuredEntries } from '../../matrix/index.ts';
import type { CheckSubject } from './check.ts';

/** Keys of configs, grouped by what can be done with them here; each key is in one list. */
export interface ConfigsByRecipe {
  /** Configs with a recipe for their model. */
  readonly own: readonly string[];
  /** Configs served by the generic recipe of their engine. */
  readonly generic: readonly string[];
  /** Configs without a recipe or engine: they can be generated but not run. */
  readonly none: readonly string[];
}

/** Groups selected configs by their recipes. */
export function configsByRecipe(
  decisions: readonly Decision[],
  subjects: readonly CheckSubject[],
): ConfigsByRecipe {
  const subjectOf = new Map(subjects.flatMap((subject) => subject.entries.map((entry) => [entry, subject])));
  const made = decisions.filter(({ entries }) => entries.length > 0);
  const uses = [...Map.groupBy(made, ({ key }) => key)].map(([key, own]) => {
    const served = own.flatMap(measuredEntries).map((entry) => useOf(subjectOf.get(entry)));
    const use = worst.find((one) => served.includes(one)) ?? 'own';
    return { key, use };
  });
  const keysOf = (wanted: keyof ConfigsByRecipe) =>
    uses.filter(({ use }) => use === wanted).map(({ key }) => key);
  return {
    own: keysOf('own'),
    generic: keysOf('generic'),
    none: keysOf('none'),
  };
}

/** A config belongs to the first of these lists that applies to any of its entries. */
const worst = ['none', 'generic'] as const;

function useOf(subject: CheckSubject | undefined): 'own' | 'generic' | 'none' {
  if (subject?.chosen === undefined || subject.sessions.length === 0) return 'none';
  return subject.chosen.is === 'generic' ? 'generic' : 'own';
}
