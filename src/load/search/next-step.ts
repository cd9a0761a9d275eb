import { valueAt } from '../unknown.ts';
import { judgeLevel, type LevelVerdict, type Probe, pooled } from './evidence.ts';
import type { LoadLimit } from './limit.ts';

/** What is searched for, as plain data. */
export interface SearchPlan {
  /** The loads that can be tried, ascending. */
  readonly levels: readonly number[];
  /** For each SLO, the share of requests that have to meet it, above 0 and below 1. */
  readonly shares: readonly number[];
  /** The probability that the interval of the answer contains the true limit, e.g. 0.95. */
  readonly confidence: number;
  /** No further test starts once this many requests have been sent. */
  readonly maxRequests: number;
  /** Minimum number of requests in the first test at a load, such as several for each stream. */
  readonly leastRequests: (level: number) => number;
}

/** The next test: a load, and how many requests to send. */
export interface NextTest {
  readonly level: number;
  readonly requests: number;
}

export type SearchStep = { readonly test: NextTest } | { readonly limit: LoadLimit };

/** Each further test of a load sends twice the requests of the one before: a queue that grows slowly shows only in a long test. */
const mostTests = 3;
/** The same for the load above the limit: it need not be shown to miss. */
const mostTestsAbove = 2;
/** Requests in the first test for each one that may miss an SLO, and the smallest number of requests in a test. */
const requestsPerMiss = 2;
const leastOfTest = 30;
/** A load that is not decided after a repetition and this many times the needed requests is too close to the limit. */
const enough = { repetition: 3, needed: 7 };

/**
 * What to do after the tests so far: doubles the load until the SLOs are missed, halves the bracket on a logarithmic
 * scale, repeats both ends, and, if the lower end is too close to the limit to be shown to hold, tests loads below it.
 * Pure; every step tests a load that has had fewer than three tests, so a search ends.
 */
export function nextStep(plan: SearchPlan, probes: readonly Probe[]): SearchStep {
  const known = knowledgeOf(plan, probes);
  const wanted = nextIndex(plan, known);
  const spent = probes.reduce((sum, { attained }) => sum + (attained[0]?.requests ?? 0), 0);
  if (wanted === undefined) return { limit: limitOf(plan, known, false) };
  const test = {
    level: valueAt(plan.levels, wanted),
    requests: testAt(plan, wanted, known.levels.get(wanted) ?? untested),
  };
  return spent > 0 && spent + test.requests > plan.maxRequests
    ? { limit: limitOf(plan, known, true) }
    : { test };
}

/** How a load was tested so far. */
export interface LevelHistory {
  readonly tests: number;
  readonly requests: number;
}

interface Level extends LevelHistory {
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
    const requests = attained[0]?.requests ?? 0;
    levels.set(plan.levels.indexOf(level), { tests: tests.length, requests, verdict });
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

const untested: LevelHistory = { tests: 0, requests: 0 };

/** Whether another test of a load could still decide it. */
export function mayTest(plan: SearchPlan, index: number, { tests, requests }: LevelHistory): boolean {
  const most = Math.max(enough.repetition * firstRequests(plan, index), enough.needed * neededRequests(plan));
  return tests < mostTests && requests < most;
}

/** The requests of the next test of a load. */
export function testAt(plan: SearchPlan, index: number, { tests }: LevelHistory): number {
  return firstRequests(plan, index) * 2 ** tests;
}

/** The load to test next; undefined if the answer cannot be improved. */
function nextIndex(plan: SearchPlan, known: Knowledge): number | undefined {
  const { levels, likelyHold, likelyMiss } = known;
  const last = plan.levels.length - 1;
  const canTest = (index: number): boolean => mayTest(plan, index, levels.get(index) ?? untested);
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
  if (isOpen(likelyMiss) && (levels.get(likelyMiss)?.tests ?? 0) < mostTestsAbove) return likelyMiss;
  return beside(known, 'down', canTest, last);
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

/** Fewest requests that say something about the strictest SLO. */
function neededRequests({ shares }: SearchPlan): number {
  return Math.max(leastOfTest, Math.ceil(requestsPerMiss / (1 - Math.max(...shares)) - 1e-9));
}

function firstRequests(plan: SearchPlan, index: number): number {
  return Math.max(neededRequests(plan), plan.leastRequests(valueAt(plan.levels, index)));
}

/**
 * The accepted error of one verdict. Both directions, every test of a load, and as many loads as a search without noise
 * tries share the error of the answer. Loads far from the limit cannot be mistaken, so noise does not need more.
 */
export function errorPerTest({ levels, confidence }: SearchPlan): number {
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
