import type { Problem } from '../errors.ts';

/** Maximum number of problems to report per file: one nesting mistake can cause thousands. */
export const mostShown = 100;

/** The problems of the first items, and a note with the number of further ones. */
export function firstOf<Thing>(
  things: readonly Thing[],
  file: string,
  problemsOf: (thing: Thing) => readonly Problem[],
): Problem[] {
  const problems: Problem[] = [];
  let told = 0;
  for (const thing of things) {
    if (problems.length >= mostShown) break;
    problems.push(...problemsOf(thing));
    told++;
  }
  const left = things.length - told + Math.max(0, problems.length - mostShown);
  return left === 0
    ? problems
    : [...problems.slice(0, mostShown), { file, message: `and ${left} more problems; fix these first` }];
}
