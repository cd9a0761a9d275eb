import type { Probe } from './evidence.ts';
import { type LoadLimit, type NextTest, nextStep, type SearchPlan } from './next-step.ts';

/** The answer of a search, and the tests that it is based on. */
export interface FoundLimit {
  readonly limit: LoadLimit;
  readonly probes: readonly Probe[];
}

/** Searches for the largest load within the SLOs; `measure` runs one test, or returns undefined to end the search. */
export async function findLimit(
  plan: SearchPlan,
  measure: (test: NextTest) => Promise<Probe | undefined>,
): Promise<FoundLimit | undefined> {
  const probes: Probe[] = [];
  for (;;) {
    const step = nextStep(plan, probes);
    if ('limit' in step) return { limit: step.limit, probes };
    const probe = await measure(step.test);
    if (probe === undefined) return undefined;
    probes.push(probe);
  }
}
