import {
  type AskedTest,
  type LoadKind,
  type LoadSearch,
  type LoadTest,
  loadSearching,
  type SearchedResult,
  type SearchFigures,
} from '../load/index.ts';
import { loadWorkloadTests, type MeasuredPoint, type Traffic, type WorkloadKind } from '../workload/index.ts';

/** A test of a search, and how many of its requests were within each SLO; none if the server answered nothing. */
export interface SearchTest {
  readonly load: LoadKind;
  readonly level: number;
  readonly requests: number;
  readonly met: readonly number[];
}

/** What a point measured: its test or, with the answer of its search, the test at the highest load that holds. */
export interface Measured<Result> {
  readonly raw: Result;
  readonly search?: SearchFigures;
}

/** A point that searches. */
export interface SearchedPoint {
  readonly kind: WorkloadKind;
  readonly traffic: Traffic;
  readonly point: MeasuredPoint;
  readonly search: LoadSearch;
  /** What all of its tests have in common. */
  readonly base: LoadTest;
}

/** Searches the largest load of a point within its SLOs. A test that is ended early ends the search, and is its result. */
export async function searchPoint<Result extends SearchedResult>(
  { kind, traffic, point, search, base }: SearchedPoint,
  run: (test: LoadTest) => Promise<Result>,
  onTest: (test: SearchTest) => Promise<void> = async () => {},
): Promise<Measured<Result>> {
  const [{ largestLoad }, { searchedTest }] = await Promise.all([loadSearching(), loadWorkloadTests()]);
  const { kind: load, slos } = search;
  let highest = 0;
  let last: Result | undefined;
  const testAt = async (asked: AskedTest): Promise<LoadTest> => {
    // An engine that has served a load does not have to get used to it again.
    const warmupRequests = asked.level > highest ? Math.min(base.warmupRequests, Math.ceil(asked.level)) : 0;
    highest = Math.max(highest, asked.level);
    return { ...base, warmupRequests, ...(await searchedTest(kind, traffic, point, { search, asked })) };
  };
  const found = await largestLoad(
    search,
    async (asked) => {
      last = await run(await testAt(asked));
      return last;
    },
    {
      onTest: async ({ level }, { slo }) => {
        if (slo === undefined) return;
        await onTest({ load, level, requests: slo.requests, met: slo.limits.map(({ met }) => met) });
      },
      onNoAnswer: async ({ level, requests }) =>
        await onTest({ load, level, requests, met: slos.map(() => 0) }),
    },
  );
  if (last?.partial === true) return { raw: last };
  if (found === undefined) throw new Error('a search that was not ended early has a result');
  return { raw: found.result, search: found.search };
}
