import type { Problem } from '../errors.ts';

/** So many problems of one file are told: one mistake of nesting can make thousands. */
export const mostShown = 100;

/** The problems that the first of many things are, and how many there are besides. */
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
