import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { Random } from '../random.ts';
import type { Probe } from './evidence.ts';
import { loadLevels } from './levels.ts';
import { findLimit } from './load-search.ts';
import { nextStep, type SearchPlan } from './next-step.ts';
import { type Response, simulatedProbe } from './testdata/simulated-server.ts';

function planOf(given: Partial<SearchPlan> = {}): SearchPlan {
  return {
    levels: loadLevels('concurrency', { min: 1, max: 256, resolution: 0.05 }),
    shares: [0.99],
    confidence: 0.95,
    maxRequests: Number.POSITIVE_INFINITY,
    leastRequests: (level) => 2 * level,
    ...given,
  };
}

/** A server that attains less the more it has to do: half of the requests at `middle`, over a range set by `width`. */
const declining =
  (middle: number, width: number) =>
  (level: number): number =>
    1 / (1 + Math.exp((Math.log(level) - Math.log(middle)) / width));

/** A test in which exactly the expected number of requests meets each SLO. */
const exactly =
  (response: Response) =>
  async ({ level, requests }: { level: number; requests: number }): Promise<Probe> => ({
    level,
    attained: response.map((shareAt) => ({
      requests,
      met: Math.round(shareAt(level) * requests),
      designEffect: 1,
    })),
  });

async function searched(plan: SearchPlan, response: Response, seed: number) {
  const probe = simulatedProbe(response, new Random(seed));
  const found = await findLimit(plan, async (test) => probe(test));
  if (found === undefined) throw new Error('a simulated search is never interrupted');
  return found;
}

const requestsOf = (probes: readonly Probe[]) =>
  probes.reduce((sum, { attained }) => sum + (attained[0]?.requests ?? 0), 0);

describe('a search for the largest load within SLOs', () => {
  it('brackets a sharp limit between adjacent levels and proves both ends', async () => {
    const plan = planOf();
    for (const limit of [1, 7, 64, 200]) {
      const response = [(level: number) => (level <= limit ? 1 : 0)];
      const { limit: answer } = (await findLimit(plan, exactly(response))) ?? {};
      const holds = plan.levels.findLast((level) => level <= limit);
      const misses = plan.levels.find((level) => level > limit);
      expect(answer).toEqual({
        state: 'found',
        bracket: [holds, misses],
        interval: [holds, misses],
        isMonotone: true,
      });
    }
  });

  it('ends with an answer if even the lowest load misses, after tests of that load alone', async () => {
    const found = await findLimit(planOf(), exactly([() => 0.5]));
    expect(found?.limit).toMatchObject({ state: 'none', bracket: [null, 1], interval: [null, 1] });
    expect(new Set(found?.probes.map(({ level }) => level))).toEqual(new Set([1]));
  });

  it('says so if the highest load still holds', async () => {
    const found = await findLimit(planOf(), exactly([() => 1]));
    expect(found?.limit).toMatchObject({ state: 'beyond', bracket: [256, null], interval: [256, null] });
  });

  it('stops at the most requests, with the bracket so far', async () => {
    const found = await findLimit(planOf({ maxRequests: 1500 }), exactly([declining(64, 0.05)]));
    expect(found?.limit.state).toBe('stopped');
    expect(requestsOf(found?.probes ?? [])).toBeLessThanOrEqual(1500);
    expect(found?.limit.bracket[0]).toBeLessThan(64);
  });

  it('needs every SLO to hold', async () => {
    const plan = planOf({ shares: [0.9, 0.5] });
    const found = await findLimit(
      plan,
      exactly([(level) => (level <= 100 ? 1 : 0), (level) => (level <= 20 ? 1 : 0)]),
    );
    expect(found?.limit.bracket[0]).toBeLessThanOrEqual(20);
    expect(found?.limit.bracket[1]).toBeGreaterThan(20);
    expect(found?.limit.bracket[1]).toBeLessThanOrEqual(22);
  });

  it('reports a response that is not monotone, and counts the lower load', () => {
    const probe = (level: number, met: number): Probe => ({
      level,
      attained: [{ requests: 3000, met, designEffect: 1 }],
    });
    const plan = planOf({ levels: [1, 2, 3, 4] });
    const step = nextStep(plan, [probe(1, 3000), probe(2, 1000), probe(4, 3000)]);
    expect(step).toEqual({
      limit: { state: 'found', bracket: [1, 2], interval: [1, 2], isMonotone: false },
    });
  });

  const server = fc.record({
    middle: fc.double({ min: 0.2, max: 2000, noNaN: true }),
    width: fc.double({ min: 0.005, max: 0.6, noNaN: true }),
    share: fc.constantFrom(0.5, 0.9, 0.95, 0.99),
    seed: fc.nat(),
  });

  it('ends on any noisy monotone response, with a closed bracket or a reason', async () => {
    await fc.assert(
      fc.asyncProperty(server, async ({ middle, width, share, seed }) => {
        const plan = planOf({ shares: [share] });
        const { limit, probes } = await searched(plan, [declining(middle, width)], seed);
        const perLevel = Map.groupBy(probes, ({ level }) => level);
        expect(Math.max(...[...perLevel.values()].map((tests) => tests.length))).toBeLessThanOrEqual(4);
        const [holds, misses] = limit.bracket;
        if (limit.state === 'found')
          expect(plan.levels.indexOf(misses ?? 0)).toBe(plan.levels.indexOf(holds ?? 0) + 1);
        else expect([holds, misses]).toEqual(limit.state === 'none' ? [null, 1] : [256, null]);
      }),
      { numRuns: runs(60) },
    );
  });

  it('has the true limit within its interval as often as it states', async () => {
    const random = new Random(17);
    const count = runs(300);
    let wrong = 0;
    for (let run = 0; run < count; run++) {
      const share = [0.5, 0.9, 0.95, 0.99][random.integer(0, 3)] ?? 0.9;
      const shareAt = declining(2 ** (1 + 7 * random.unit()), 0.02 + 0.4 * random.unit());
      const plan = planOf({ shares: [share], confidence: 0.9 });
      const { limit } = await searched(plan, [shareAt], random.uint32());
      const [holds, misses] = limit.interval;
      if ((holds !== null && shareAt(holds) < share) || (misses !== null && shareAt(misses) >= share))
        wrong++;
    }
    // Of 300 runs, 30 may be wrong at 90 %; the bound is conservative.
    expect(wrong / count).toBeLessThanOrEqual(0.1);
  });

  it('does not depend on how often a step is asked for: the same tests give the same step', async () => {
    const plan = planOf();
    const { probes, limit } = await searched(plan, [declining(40, 0.1)], 3);
    expect(nextStep(plan, probes)).toEqual({ limit });
    probes.forEach((probe, index) => {
      const step = nextStep(plan, probes.slice(0, index));
      expect('test' in step && step.test.level).toBe(probe.level);
    });
  });
});

describe('the levels of a search', () => {
  it('are whole concurrencies, without repetition, from the lowest to the highest', () => {
    expect(loadLevels('concurrency', { min: 1, max: 16, resolution: 0.5 })).toEqual([1, 2, 3, 5, 7, 11, 16]);
    expect(loadLevels('concurrency', { min: 8, max: 8, resolution: 0.05 })).toEqual([8]);
  });

  it('are at most the resolution apart', () => {
    const levels = loadLevels('rate', { min: 0.5, max: 40, resolution: 0.1 });
    expect(levels.at(0)).toBe(0.5);
    expect(levels.at(-1)).toBe(40);
    for (let index = 1; index < levels.length; index++)
      expect((levels[index] ?? 0) / (levels[index - 1] ?? 1)).toBeLessThan(1.101);
  });
});
