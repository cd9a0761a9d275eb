import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { somePoint } from '../support/synthetic-results.ts';
import { TestSite } from './site.ts';

const reason = 'the prompt length of 10 replies is unknown';
// The last point is worse than the second in both measures.
const points = [1, 4, 16].map((conc) => ({ ...somePoint, conc, speed: conc === 16 ? 0.1 : 1 }));

/** One point with unknown input tokens, next to complete ones. */
const run = {
  sweepId: 'partly-known',
  at: somePoint.at,
  seed: 5,
  points,
  change: (raw: Record<string, unknown>, index: number) =>
    index === 0
      ? {
          ...raw,
          total_input_tokens: null,
          total_token_throughput: null,
          fidelity: { verdict: 'suspect', reasons: [reason] },
        }
      : raw,
};

describe.skipIf(!hasBrowser)('unknown values (skipped: no chromium)', () => {
  let site: TestSite;
  let page: Page;
  beforeAll(async () => {
    site = await TestSite.open([run]);
    page = await site.page('#/explore');
  });
  afterAll(() => site.close());

  test('a chart omits points without the value, and counts them', async () => {
    await page.locator('.frontier-chart').waitFor();
    expect(await page.getByTestId('summary').textContent()).toBe(
      '2 points in 1 series · 1 point without these measures left out',
    );
    await page.goto(`${site.url}#/explore?y=output-tput`);
    await page.getByText('3 points in 1 series').waitFor();
    expect(await page.getByTestId('summary').textContent()).toBe('3 points in 1 series');
    // Points behind the frontier still have their measures.
    await page.goto(`${site.url}#/explore?show=frontier`);
    await page.getByText('1 point in 1 series').waitFor();
    expect(await page.getByTestId('summary').textContent()).toBe(
      '1 point in 1 series · 1 point without these measures left out',
    );
  });

  test('the run’s table has no number for it, and sorts it last in both directions', async () => {
    await page.goto(`${site.url}#/runs/${run.sweepId}`);
    await page.locator('tr[data-row]').first().waitFor();
    const concurrencies = async () =>
      await page
        .locator('tr[data-row]')
        .evaluateAll((rows) => rows.map((row) => row.children[2]?.textContent));
    const header = page.getByRole('button', { name: /^Total tok\/s\/GPU/ });
    for (const _ of ['one way', 'the other']) {
      await header.click();
      expect((await concurrencies()).at(-1)).toBe('1');
    }
    expect(await page.locator('tr[data-row]').last().locator('td').nth(2).textContent()).toBe('–');
  });

  test('the point’s page says that it is unknown, and why', async () => {
    await page.locator('tr[data-row]').last().getByRole('link').click();
    await page.locator('article[data-point]').waitFor();
    const metric = page.locator('[data-metric="totalTputPerGpu"]');
    expect(await metric.textContent()).toBe('Total throughput ?not known');
    expect(await metric.getAttribute('data-value')).toBe('');
    expect(await page.locator('[data-metric="outputTputPerGpu"]').getAttribute('data-value')).not.toBe('');
    expect(await page.locator('.reasons').textContent()).toBe(reason);
    const facts = page.locator('dl.facts', { hasText: 'Input tokens' });
    expect(await facts.textContent()).toMatch(/Input tokensnot known/);
    const row = page.getByRole('row', { name: /Total throughput \(tok\/s\/GPU\)/ });
    expect(await row.textContent()).toContain('not known');
  });

  test('the cost uses points with the value, and counts the others', async () => {
    await page.goto(`${site.url}#/cost`);
    await page.locator('.answer').waitFor();
    expect(await page.locator('.cost').textContent()).toContain(
      '1 point without this speed or throughput left out.',
    );
  });
});
