import { describe, expect, it } from 'vitest';
import { searchCost } from '../../../performance/savings/slo-search.ts';
import { publicCurves } from '../../../test/support/public-curves.ts';
import { hasPublicRows } from '../../../test/support/public-rows.ts';
import { runs } from '../../../test/support/runs.ts';

describe.skipIf(!hasPublicRows)('a search on curves of public results', () => {
  it.each([90, 99] as const)(
    'for p%i needs a quarter of the requests of a sweep to the same bracket, or fewer',
    async (percentile) => {
      const curves = (await publicCurves()).slice(0, runs(60));
      const costs = await Promise.all(curves.map((curve, seed) => searchCost(curve, percentile, seed)));
      const total = (of: (cost: (typeof costs)[number]) => number) =>
        costs.reduce((sum, cost) => sum + of(cost), 0);
      const ofSearches = total((cost) => cost.searchRequests);
      expect(total((cost) => cost.sweepRequests) / ofSearches).toBeGreaterThan(4);
      const ratios = costs
        .map(({ sweepRequests, searchRequests }) => sweepRequests / searchRequests)
        .sort((a, b) => a - b);
      expect(ratios[Math.floor(ratios.length / 2)]).toBeGreaterThan(4);
      // Even a sweep that stops each load as soon as it is decided.
      expect(total((cost) => cost.frugalSweepRequests) / ofSearches).toBeGreaterThan(2);
      expect(costs.filter(({ isWrong }) => isWrong).length / costs.length).toBeLessThanOrEqual(0.05);
    },
  );
});
