import { formatProblem, type Problem } from '../../errors.ts';
import type { ChosenRecipe, EngineSession } from '../../plan/index.ts';
import type { Entries, PlanningOptions } from '../planning.ts';
import type { CheckSubject, Found, Severity } from './check.ts';
import { checks } from './list.ts';
import { subjectsOf } from './subjects.ts';

export type { Severity } from './check.ts';
export { type ConfigsByRecipe, configsByRecipe } from './configs-by-recipe.ts';
export { checks } from './list.ts';

/** A finding of a check, with its place. */
export interface CheckedProblem extends Problem {
  /** The name of the check. */
  readonly check: string;
  readonly severity: Severity;
}

/** The recipe of a config and the reason for it. */
export interface UsedRecipe {
  /** As in the config. */
  readonly model: string;
  readonly runner: string;
  readonly recipe: string;
  readonly is: ChosenRecipe['is'];
  readonly why: string;
  /** The reasons for flags of a generic recipe. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** The problems of entries, with the subjects that were examined. */
export interface ExaminedEntries {
  /** Each problem once, in the order of the entries. */
  readonly problems: readonly CheckedProblem[];
  readonly subjects: readonly CheckSubject[];
}

/**
 * Runs every check on entries that are to be measured.
 * @param planned The sessions of the entries, if they are planned already.
 */
export async function examineEntries(
  asked: Entries,
  options: PlanningOptions = {},
  planned?: readonly EngineSession[],
): Promise<ExaminedEntries> {
  const { subjects, problems } = await subjectsOf(asked, options, planned);
  const found: CheckedProblem[] = problems.map((problem) => ({
    code: 'unknown-runner',
    ...problem,
    check: 'pool',
    severity: 'error',
  }));
  for (const subject of subjects) {
    for (const check of checks) {
      for (const one of await check.find(subject))
        found.push({
          code: check.code ?? 'bad-config',
          ...(await placed(one, subject.entry, asked)),
          check: check.name,
          severity: one.severity,
        });
    }
  }
  return {
    problems: [...new Map(found.map((problem) => [formatProblem(problem), problem])).values()],
    subjects,
  };
}

/** Like `examineEntries`, but returns only the problems. */
export async function checkEntries(
  ...asked: Parameters<typeof examineEntries>
): Promise<readonly CheckedProblem[]> {
  return (await examineEntries(...asked)).problems;
}

/** The recipes that entries would use, each once, in the order of the entries. */
export function usedRecipes(subjects: readonly CheckSubject[]): UsedRecipe[] {
  return subjects.flatMap(({ chosen, entry, sessions }) =>
    chosen === undefined
      ? []
      : [
          {
            model: entry['model-prefix'],
            runner: entry.runner,
            recipe: chosen.name,
            is: chosen.is,
            why: chosen.why,
            reasons: sessions[0]?.reasons ?? {},
          },
        ],
  );
}

/** A finding with its place. For entries without a config, it names the entry instead. */
async function placed(
  { message, hint, field, entry, at }: Found,
  first: Entries['entries'][number],
  { locate }: Entries,
): Promise<Problem> {
  const advice = hint === undefined ? {} : { hint };
  if (at !== undefined) return { ...at, message, ...advice };
  const about = entry ?? first;
  if (locate === undefined)
    return { message: `${about['exp-name']} on ${about.runner}: ${message}`, ...advice };
  return { ...(await locate(about, field, entry !== undefined)), message, ...advice };
}
