import { expect, test } from 'vitest';
import { pointOf } from '../../src/public/rows.ts';
import { publicSource } from '../../src/store/index.ts';
import { hasBrowser } from '../support/browser.ts';
import { benchmarkRow, runUrl } from '../support/public-api.ts';
import { TestSite } from './site.ts';

test.skipIf(!hasBrowser)(
  'public results are labelled: the jobs by hardware and day, and each point with its run (skipped without a browser)',
  async () => {
    const { row } = pointOf(benchmarkRow({ hardware: 'mi355x' }));
    const site = await TestSite.over(async (store) => {
      const at = new Date('2026-02-01T00:00:00Z');
      await store.ingestCopied(publicSource, {
        id: 'public-1',
        command: 'public pull',
        url: runUrl(1),
        at,
        points: [row],
        scores: [],
      });
      await store.ingestJobCounts(publicSource, [
        { hw: 'mi355x', day: '2026-02-01', ended: 1500, succeeded: 1200 },
        { hw: 'mi355x', day: '2026-02-03', ended: 500, succeeded: 300 },
        { hw: 'h100', day: '2026-02-03', ended: 10, succeeded: 10 },
      ]);
    });
    try {
      const page = await site.page('#/reliability');
      await page
        .getByText(
          'From 1 Feb 2026 to 3 Feb 2026, 75.1 % of 2,010 benchmark jobs of the public project succeeded',
        )
        .waitFor();
      const bar = page.locator('[data-bar="Instinct MI355X"]');
      expect(await bar.getAttribute('data-value')).toBe('0.75');
      expect(await bar.textContent()).toContain('Instinct MI355X (2,000)');
      const day = page.locator('[data-period="2026-02-03"]');
      expect(await day.getAttribute('data-ended')).toBe('510');
      expect(await page.getByText('No attempts are recorded').count()).toBe(0);
      for (const view of ['', 'explore', 'cost', 'history']) {
        await page.goto('about:blank');
        await page.goto(`${site.url}#/${view}`);
        const remark = page.locator('[data-remark="public"]');
        await remark.waitFor();
        expect(await remark.textContent()).toMatch(/^All points are thinned copies of public results/);
      }
      const { points } = (await (await fetch(`${site.url}api/v1/points`)).json()) as {
        points: { id: string }[];
      };
      await page.goto(`${site.url}#/point/${points[0]?.id}`);
      const origin = page.locator('[data-origin="public"]');
      await origin.waitFor();
      expect(await origin.textContent()).toContain('thinned copy');
      expect(await origin.getByRole('link').getAttribute('href')).toBe(runUrl(1));
    } finally {
      await site.close();
    }
  },
);
