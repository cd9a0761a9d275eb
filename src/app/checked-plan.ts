import { InputError, type Problem } from '../errors.ts';
import type { Plan } from '../plan/index.ts';
import { type CheckedProblem, checkEntries, type Severity } from './checks/index.ts';
import { type Entries, type PlanningOptions, planEntries } from './planning.ts';

/** The severities that each use of entries refuses; other findings are warnings. */
const refused = {
  generate: ['error'],
  plan: ['error', 'cannot-plan'],
  run: ['error', 'cannot-plan', 'cannot-run'],
} as const satisfies Readonly<Record<string, readonly Severity[]>>;

export type Use = keyof typeof refused;

/** Splits problems into those that a use of entries refuses and those it warns about. */
export function sorted(
  problems: readonly CheckedProblem[],
  use: Use,
): { readonly errors: CheckedProblem[]; readonly warnings: CheckedProblem[] } {
  const severities: readonly Severity[] = refused[use];
  return {
    errors: problems.filter(({ severity }) => severities.includes(severity)),
    warnings: problems.filter(({ severity }) => !severities.includes(severity)),
  };
}

/** Runs every check on entries, then plans them. Throws InputError with all errors that the checks found. */
export async function checkedPlan(
  asked: Entries,
  options: PlanningOptions,
  use: Exclude<Use, 'generate'>,
): Promise<{ readonly plan: Plan; readonly warnings: readonly Problem[] }> {
  const { errors, warnings } = sorted(await checkEntries(asked, options), use);
  if (errors.length > 0) throw new InputError(errors);
  return { plan: await planEntries(asked, options), warnings };
}

/** Runs every check on an earlier plan that is about to run. Throws InputError with all errors. */
export async function checkPlan(plan: Plan, pools: Entries['pools']): Promise<readonly Problem[]> {
  const entries = [...new Set(plan.sessions.flatMap(({ points }) => points.map(({ entry }) => entry)))];
  const problems = await checkEntries({ entries, pools }, { launcher: plan.launcher }, plan.sessions);
  const { errors, warnings } = sorted(problems, 'run');
  if (errors.length > 0) throw new InputError(errors);
  return warnings;
}
