import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { lastNight, nights, TestSite } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const views = [
  '',
  'explore?compare=nightly-1',
  'cost',
  'history',
  'reliability',
  'accuracy',
  'hardware',
  'runs',
];

describe.skipIf(!hasBrowser)('accessibility of every view (skipped: no chromium)', () => {
  let site: TestSite;
  let hashes: string[];
  beforeAll(async () => {
    site = await TestSite.open(nights);
    const response = await fetch(`${site.url}data/shapes/dsr1_1024_1024.json`);
    const { points } = (await response.json()) as { points: { ids: string[] } };
    hashes = [...views, `runs/${lastNight().sweepId}`, `point/${points.ids[0]}`].map((view) => `#/${view}`);
  });
  afterAll(() => site?.close());

  test.each(['light', 'dark'] as const)('axe finds no violations (%s)', async (colorScheme) => {
    // The page's policy forbids foreign scripts, and the test's script is one.
    const page = await site.page('', { colorScheme, bypassCSP: true });
    await page.addScriptTag({ content: axe });
    const found: Record<string, string[]> = {};
    for (const hash of hashes) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      // Open the tables, because they must be accessible, too.
      for (const button of await page.getByRole('button', { name: 'Table', exact: true }).all())
        await button.click();
      const violations: Violation[] = await page.evaluate('axe.run().then(({ violations }) => violations)');
      if (violations.length > 0)
        found[hash] = violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
        );
    }
    await page.close();
    expect(found).toEqual({});
  });

  test.each([390, 768])('nothing is wider than a screen of %i px', async (width) => {
    const page = await site.page('', { viewport: { width, height: 844 } });
    const wide: string[] = [];
    for (const hash of hashes) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      const content = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (content > width) wide.push(`${hash}: ${content} px`);
    }
    await page.close();
    expect(wide).toEqual([]);
  });

  test('the theme follows the system until the reader chooses, and remembers', async () => {
    const page = await site.page('', { colorScheme: 'dark' });
    const theme = async () => await page.evaluate('document.documentElement.dataset.theme');
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    expect(await theme()).toBe('light');
    await page.reload();
    expect(await theme()).toBe('light');
    await page.close();
  });

  test('the first Tab stop skips the navigation', async () => {
    const page = await site.page('#/runs');
    await page.locator('h1').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.tagName')).toBe('MAIN');
    await page.close();
  });
});
