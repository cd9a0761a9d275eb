import { LoadError } from '../load-error.ts';
import type { SearchFigures } from '../result-schema.ts';
import {
  type AskedTest,
  failedProbe,
  findLimit,
  type LoadSearch,
  probeOf,
  type SearchedResult,
  searchFigures,
  searchPlan,
} from './load-search.ts';

/** What happens during a search. */
export interface SearchListener<Result> {
  readonly onTest: (asked: AskedTest, result: Result) => void | Promise<void>;
  /** At a load far beyond its limit, a server may answer nothing; the load then counts as missed. */
  readonly onNoAnswer: (asked: AskedTest, error: LoadError) => void | Promise<void>;
}

/** The answer of a search, with the longest test at the highest load that holds. */
export interface LargestLoad<Result> {
  readonly result: Result;
  readonly search: SearchFigures;
  /** A test was ended early, so the answer is what was known by then. */
  readonly isInterrupted: boolean;
}

/**
 * Searches for the largest load within SLOs. If none holds, the result is that of the lowest load; undefined if the first
 * test was ended early.
 */
export async function largestLoad<Result extends SearchedResult>(
  search: LoadSearch,
  run: (asked: AskedTest) => Promise<Result>,
  { onTest, onNoAnswer }: SearchListener<Result>,
): Promise<LargestLoad<Result> | undefined> {
  const lastAt = new Map<number, Result>();
  let isInterrupted = false;
  const found = await findLimit(searchPlan(search), async (asked) => {
    try {
      const result = await run(asked);
      isInterrupted = result.partial === true;
      if (isInterrupted) return undefined;
      await onTest(asked, result);
      const probe = probeOf(asked.level, result);
      lastAt.set(asked.level, result);
      return probe;
    } catch (error) {
      if (lastAt.size === 0 || !(error instanceof LoadError) || error.errorClass !== 'all-failed')
        throw error;
      await onNoAnswer(asked, error);
      return failedProbe(asked, search.slos);
    }
  });
  if (found === undefined) return undefined;
  const { interval, bracket } = found.limit;
  const level = interval[0] ?? bracket[0] ?? found.probes[0]?.level;
  const result = level === undefined ? undefined : lastAt.get(level);
  return result === undefined ? undefined : { result, search: searchFigures(search, found), isInterrupted };
}
