import { LoadError } from '../load-error.ts';
import type { RawResult, SearchFigures } from '../result-schema.ts';
import type { Probe } from './evidence.ts';
import { type LoadKind, loadLevels } from './levels.ts';
import type { LoadLimit } from './limit.ts';
import { type NextTest, nextStep, type SearchPlan } from './next-step.ts';
import { type Slo, sloText } from './slo.ts';

export { searchDefaults } from './levels.ts';

/** A search for the largest load within SLOs, as plain data. */
export interface LoadSearch {
  readonly kind: LoadKind;
  readonly min: number;
  readonly max: number;
  /** How close the two ends of the bracket have to be: 0.05 for 5 %. */
  readonly resolution: number;
  readonly confidence: number;
  readonly maxRequests: number;
  readonly slos: readonly Slo[];
}

/** In a closed loop, this many requests for each stream, so that most of a test has all streams busy. */
const requestsPerStream = 4;
/** In an open loop, for this many seconds, so that a queue has time to grow. */
const secondsAtRate = 10;

export function searchPlan({ kind, slos, ...search }: LoadSearch): SearchPlan {
  const perUnit = kind === 'concurrency' ? requestsPerStream : secondsAtRate;
  return {
    levels: loadLevels(kind, search),
    shares: slos.map(({ percentile }) => percentile / 100),
    confidence: search.confidence,
    maxRequests: search.maxRequests,
    leastRequests: (level) => Math.ceil(perUnit * level),
  };
}

/** One test of a search: its load, its requests, and how many tests came before. */
export interface AskedTest extends NextTest {
  readonly number: number;
}

/** The first test, at the lowest load. */
export function firstTest(plan: SearchPlan): AskedTest {
  const step = nextStep(plan, []);
  if ('limit' in step) throw new Error('a search begins with a test');
  return { ...step.test, number: 0 };
}

/** The answer of a search, and the tests that it is based on. */
export interface FoundLimit {
  readonly limit: LoadLimit;
  readonly probes: readonly Probe[];
}

/**
 * Runs tests until the answer of a plan is known. If `measure` returns undefined, the search ends with what is known by
 * then; undefined if that is nothing.
 */
export async function findLimit(
  plan: SearchPlan,
  measure: (test: AskedTest) => Promise<Probe | undefined>,
): Promise<FoundLimit | undefined> {
  const probes: Probe[] = [];
  let step = nextStep(plan, probes);
  while ('test' in step) {
    const probe = await measure({ ...step.test, number: probes.length });
    if (probe === undefined) {
      if (probes.length === 0) return undefined;
      step = nextStep({ ...plan, maxRequests: 0 }, probes);
    } else {
      probes.push(probe);
      step = nextStep(plan, probes);
    }
  }
  return { limit: step.limit, probes };
}

/** Failures beyond this share are the server's answer to the load, and not a reason to distrust the test. */
const manyFailures = 0.05;

/** What a search needs of a test's result. */
export type SearchedResult = Pick<RawResult, 'slo' | 'failed' | 'partial'> & {
  readonly fidelity: Pick<RawResult['fidelity'], 'verdict' | 'reasons'>;
};

/**
 * What a test shows about the SLOs of a search. Requests whose figures are unknown count as misses, so the answer is
 * rather too low than too high. Throws LoadError `unsupported` for a test that the client spoiled.
 */
export function probeOf(level: number, result: SearchedResult): Probe {
  const { slo, fidelity, failed } = result;
  if (slo === undefined) throw new Error('a test of a search has SLOs');
  if (fidelity.verdict === 'invalid' && failed <= manyFailures * slo.requests) {
    throw new LoadError(
      'unsupported',
      `the test at ${level} is invalid, so it does not show whether the server is within the SLOs: ${fidelity.reasons[0] ?? ''}`,
      { hint: 'use a less busy client machine, or a lower --search-range' },
    );
  }
  return {
    level,
    attained: slo.limits.map(({ met, design_effect: designEffect }) => ({
      requests: slo.requests,
      met,
      designEffect,
    })),
  };
}

/** A test at a load where the server answered nothing: no request was within any SLO. */
export function failedProbe({ level, requests }: NextTest, slos: readonly Slo[]): Probe {
  return { level, attained: slos.map(() => ({ requests, met: 0, designEffect: 1 })) };
}

/** The answer as it is kept in a result. */
export function searchFigures(search: LoadSearch, { limit, probes }: FoundLimit): SearchFigures {
  const tests = probes.map(({ level, attained }) => ({
    level,
    requests: attained[0]?.requests ?? 0,
    met: attained.map(({ met }) => met),
  }));
  return {
    load: search.kind,
    slos: search.slos.map(sloText),
    state: limit.state,
    bracket: [...limit.bracket],
    interval: [...limit.interval],
    confidence: search.confidence,
    resolution: search.resolution,
    monotone: limit.isMonotone,
    requests: tests.reduce((sum, { requests }) => sum + requests, 0),
    tests,
  };
}
