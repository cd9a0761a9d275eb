import { valueAt } from '../unknown.ts';
import { judgeLevel, type LevelVerdict, type Probe, pooled } from './evidence.ts';

/** What is searched for, as plain data. */
export interface SearchPlan {
  /** The loads that can be tried, ascending. */
  readonly levels: readonly number[];
  /** For each SLO, the share of requests that have to meet it, above 0 and below 1. */
  readonly shares: readonly number[];
  /** The probability that the interval of the answer contains the true limit, e.g. 0.95. */
  readonly confidence: number;
  /** No further test once this many requests were sent. */
  readonly maxRequests: number;
  /** Fewest requests of the first test at a load, such as several for each stream. */
  readonly leastRequests: (level: number) => number;
}

/** The next test: a load, and how many requests to send. */
export interface NextTest {
  readonly level: number;
  readonly requests: number;
}

/** The largest load within the SLOs, as far as it is known. */
export interface LoadLimit {
  /**
   * `found`: between the two loads of the bracket. `none`: even the lowest load misses. `beyond`: even the highest load
   * holds. `stopped`: the requests ran out before the bracket was closed.
   */
  readonly state: 'found' | 'none' | 'beyond' | 'stopped';
  /** The highest load that likely holds and the lowest that likely misses; null if there is none in range. */
  readonly bracket: readonly [holds: number | null, misses: number | null];
  /** The same, but shown at the confidence. */
  readonly interval: readonly [holds: number | null, misses: number | null];
  /** A load that holds lies above one that misses, so the response is not monotone. */
  readonly isMonotone: boolean;
}

export type SearchStep = { readonly test: NextTest } | { readonly limit: LoadLimit };

/** Each further test of a load sends twice the requests of the one before, so long runs show what short ones hide. */
const mostTests = 4;
/** Requests of the first test for each request that may miss, and at least this many. */
const requestsPerMiss = 2;
const leastOfTest = 30;

/**
 * What to do after the tests so far: doubles the load until the SLOs are missed, halves the bracket on a logarithmic
 * scale, repeats both ends until they are shown to hold and to miss, and, if an end is too close to the limit for that,
 * tests its neighbours. Pure; every step tests a load that has had fewer than four tests, so a search ends.
 */
export function nextStep(plan: SearchPlan, probes: readonly Probe[]): SearchStep {
  const known = knowledgeOf(plan, probes);
  const wanted = nextIndex(plan, known);
  const spent = probes.reduce((sum, { attained }) => sum + (attained[0]?.requests ?? 0), 0);
  if (wanted === undefined) return { limit: limitOf(plan, known, false) };
  const test = { level: valueAt(plan.levels, wanted), requests: requestsOf(plan, known, wanted) };
  return spent > 0 && spent + test.requests > plan.maxRequests
    ? { limit: limitOf(plan, known, true) }
    : { test };
}

interface Level {
  readonly tests: number;
  readonly verdict: LevelVerdict;
}

/** Indexes into the levels. */
interface Knowledge {
  readonly levels: ReadonlyMap<number, Level>;
  readonly provenHold: number | undefined;
  readonly provenMiss: number | undefined;
  readonly likelyHold: number | undefined;
  readonly likelyMiss: number | undefined;
  readonly isMonotone: boolean;
}

function knowledgeOf(plan: SearchPlan, probes: readonly Probe[]): Knowledge {
  const error = errorPerTest(plan);
  const levels = new Map<number, Level>();
  for (const [level, tests] of Map.groupBy(probes, (probe) => probe.level)) {
    const attained = pooled(tests);
    if (attained === undefined) continue;
    const verdict = judgeLevel(attained, plan.shares, error);
    levels.set(plan.levels.indexOf(level), { tests: tests.length, verdict });
  }
  const where = (is: (verdict: LevelVerdict, index: number) => boolean): number[] =>
    [...levels].flatMap(([index, { verdict }]) => (is(verdict, index) ? [index] : []));
  const lowest = (list: readonly number[]) => (list.length === 0 ? undefined : Math.min(...list));
  const highest = (list: readonly number[]) => (list.length === 0 ? undefined : Math.max(...list));
  // If a load that holds lies above one that misses, the lower one counts: users exceed it on the way up.
  const provenMiss = lowest(where((verdict) => verdict === 'misses'));
  const below = (index: number): boolean => provenMiss === undefined || index < provenMiss;
  const provenHold = highest(where((verdict, index) => verdict === 'holds' && below(index)));
  const likelyMiss = lowest(
    where(
      (verdict, index) => verdict === 'misses' || (verdict === 'likely-misses' && index > (provenHold ?? -1)),
    ),
  );
  const likelyHold = highest(
    where(
      (verdict, index) =>
        (verdict === 'holds' || verdict === 'likely-holds') &&
        (likelyMiss === undefined || index < likelyMiss),
    ),
  );
  return {
    levels,
    provenHold,
    provenMiss,
    likelyHold,
    likelyMiss,
    isMonotone: !where((verdict, index) => verdict === 'holds' && !below(index)).some(() => true),
  };
}

/** The load to test next; undefined if the answer cannot be improved. */
function nextIndex(plan: SearchPlan, known: Knowledge): number | undefined {
  const { levels, likelyHold, likelyMiss } = known;
  const last = plan.levels.length - 1;
  const canTest = (index: number): boolean => (levels.get(index)?.tests ?? 0) < mostTests;
  const isOpen = (index: number | undefined): index is number =>
    index !== undefined && levels.get(index)?.verdict.startsWith('likely-') === true && canTest(index);
  if (levels.size === 0) return 0;
  if (likelyMiss === undefined) {
    const top = likelyHold ?? 0;
    if (top < last) return doubled(plan, top);
    return isOpen(top) ? top : beside(known, 'down', canTest, last);
  }
  if (likelyHold === undefined) {
    // Noise at the lowest load can hide all others.
    if (likelyMiss > 0) return 0;
    return isOpen(likelyMiss) ? likelyMiss : beside(known, 'up', canTest, last);
  }
  if (likelyMiss - likelyHold > 1) return (likelyHold + likelyMiss) >> 1;
  if (isOpen(likelyHold)) return likelyHold;
  if (isOpen(likelyMiss)) return likelyMiss;
  return beside(known, 'down', canTest, last) ?? beside(known, 'up', canTest, last);
}

/** The first load of at least twice the given one; if there is none, the highest. */
function doubled({ levels }: SearchPlan, index: number): number {
  const next = levels.findIndex((level) => level >= 2 * valueAt(levels, index));
  return next === -1 ? levels.length - 1 : next;
}

/**
 * A load further from the limit than the end of the bracket, at distances that double, until one is shown to hold
 * (down) or to miss (up).
 */
function beside(
  { likelyHold, likelyMiss, provenHold, provenMiss }: Knowledge,
  towards: 'down' | 'up',
  canTest: (index: number) => boolean,
  last: number,
): number | undefined {
  const isDown = towards === 'down';
  const from = isDown ? likelyHold : likelyMiss;
  if (from === undefined) return undefined;
  const end = (isDown ? provenHold : provenMiss) ?? (isDown ? -1 : last + 1);
  for (let distance = 1; ; distance *= 2) {
    const outermost = isDown ? 0 : last;
    const index = isDown ? Math.max(outermost, from - distance) : Math.min(outermost, from + distance);
    if (isDown ? index <= end : index >= end) return undefined;
    if (canTest(index)) return index;
    if (index === outermost) return undefined;
  }
}

/** The requests of the first test at a load; doubled for each further one. */
function requestsOf(plan: SearchPlan, { levels }: Knowledge, index: number): number {
  const strictest = Math.max(...plan.shares);
  const first = Math.max(
    leastOfTest,
    Math.ceil(requestsPerMiss / (1 - strictest) - 1e-9),
    plan.leastRequests(valueAt(plan.levels, index)),
  );
  return first * 2 ** (levels.get(index)?.tests ?? 0);
}

/**
 * The accepted error of one verdict. Both directions, every test of a load, and as many loads as a search without noise
 * tries share the error of the answer. Loads far from the limit cannot be mistaken, so noise does not need more.
 */
function errorPerTest({ levels, confidence }: SearchPlan): number {
  const range = valueAt(levels, levels.length - 1) / valueAt(levels, 0);
  const tried = Math.ceil(Math.log2(range) + 1) + Math.ceil(Math.log2(Math.max(2, levels.length)));
  return (1 - confidence) / (2 * mostTests * tried);
}

function limitOf(plan: SearchPlan, known: Knowledge, isStopped: boolean): LoadLimit {
  const levelOf = (index: number | undefined): number | null =>
    index === undefined ? null : valueAt(plan.levels, index);
  const { likelyHold, likelyMiss, provenHold, provenMiss, isMonotone } = known;
  const isClosed = likelyHold !== undefined && likelyMiss !== undefined && likelyMiss - likelyHold === 1;
  const state = isClosed
    ? 'found'
    : isStopped && !(likelyMiss === 0 || likelyHold === plan.levels.length - 1)
      ? 'stopped'
      : likelyHold === undefined
        ? 'none'
        : 'beyond';
  return {
    state,
    bracket: [levelOf(likelyHold), levelOf(likelyMiss)],
    interval: [levelOf(provenHold), levelOf(provenMiss)],
    isMonotone,
  };
}
