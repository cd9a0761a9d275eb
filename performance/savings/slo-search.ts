import { Random } from '../../src/load/random.ts';
import { judgeLevel, pooled } from '../../src/load/search/evidence.ts';
import { findLimit, searchPlan } from '../../src/load/search/load-search.ts';
import { errorPerTest, mayTest, type SearchPlan, testAt } from '../../src/load/search/next-step.ts';
import type { Slo } from '../../src/load/search/slo.ts';
import { type Response, simulatedProbe } from '../../src/load/search/testdata/simulated-server.ts';
import type { PublicCurve } from '../../test/support/public-curves.ts';

/** A search on a simulated server, and a sweep of all loads of that search to the same confidence. */
export interface SearchCost {
  readonly searchRequests: number;
  readonly searchTests: number;
  /** With the same number of requests at every load: the most that the search spends on one. */
  readonly sweepRequests: number;
  /** With as many requests as it takes to decide each load. */
  readonly frugalSweepRequests: number;
  readonly loads: number;
  /** Whether the interval of the answer has a load that misses below its start, or none at or beyond its end. */
  readonly isWrong: boolean;
  readonly isClosed: boolean;
}

/** The percentile of the SLOs that a curve is searched with. */
export type Strictness = 90 | 99;

/**
 * Searches a curve for the load at which the SLOs are met exactly, which lies between its lowest and highest
 * concurrency, and sweeps the same loads.
 */
export async function searchCost(
  curve: PublicCurve,
  percentile: Strictness,
  seed: number,
): Promise<SearchCost> {
  const random = new Random(seed);
  const share = percentile / 100;
  const limit = curve.lowest * (curve.highest / curve.lowest) ** (0.1 + 0.8 * random.unit());
  const limits = (['ttft', 'tpot'] as const).map((metric) => ({
    metric,
    limitS: curve.quantile(metric, share, limit),
  }));
  const slos: readonly Slo[] = limits.map(({ metric, limitS }) => ({
    metric,
    percentile,
    limitMs: 1000 * limitS,
  }));
  const plan = searchPlan({
    kind: 'concurrency',
    min: curve.lowest,
    max: curve.highest,
    resolution: 0.05,
    confidence: 0.95,
    maxRequests: Number.POSITIVE_INFINITY,
    slos,
  });
  const response: Response = limits.map(
    ({ metric, limitS }) =>
      (level) =>
        curve.shareWithin(metric, limitS, level),
  );
  const probe = simulatedProbe(response, random);
  const found = await findLimit(plan, async (test) => probe(test));
  if (found === undefined) throw new Error('a simulated search is not interrupted');
  const holds = (level: number): boolean => response.every((shareAt) => shareAt(level) >= share);
  const [shown, missed] = found.limit.interval;
  return {
    searchRequests: requestsOf(found.probes),
    searchTests: found.probes.length,
    sweepRequests: plan.levels.reduce((sum, _, index) => sum + mostRequests(plan, index), 0),
    frugalSweepRequests: requestsOf(frugalSweep(plan, probe)),
    loads: plan.levels.length,
    isWrong: (shown !== null && !holds(shown)) || (missed !== null && holds(missed)),
    isClosed: found.limit.state === 'found',
  };
}

type SimulatedProbes = readonly ReturnType<ReturnType<typeof simulatedProbe>>[];

/** Tests every load, each as often as a search does: until it is decided, or too close to the limit to be. */
function frugalSweep(plan: SearchPlan, probe: ReturnType<typeof simulatedProbe>): SimulatedProbes {
  return plan.levels.flatMap((level, index) => {
    const tests: SimulatedProbes[number][] = [];
    for (;;) {
      const attained = pooled(tests);
      const history = { tests: tests.length, requests: attained?.[0]?.requests ?? 0 };
      const isDecided =
        attained !== undefined &&
        !judgeLevel(attained, plan.shares, errorPerTest(plan)).startsWith('likely-');
      if (isDecided || !mayTest(plan, index, history)) return tests;
      tests.push(probe({ level, requests: testAt(plan, index, history) }));
    }
  });
}

function mostRequests(plan: SearchPlan, index: number): number {
  const history = { tests: 0, requests: 0 };
  while (mayTest(plan, index, history)) {
    history.requests += testAt(plan, index, history);
    history.tests += 1;
  }
  return history.requests;
}

function requestsOf(probes: SimulatedProbes): number {
  return probes.reduce((sum, { attained }) => sum + (attained[0]?.requests ?? 0), 0);
}
