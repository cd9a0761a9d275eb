import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../src/package-root.ts';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { TestProduct } from './support/product.ts';

/** The README's promise for after the download, with two idle cores. */
const promisedMs = 5 * 60_000;
const [loadBefore = Number.NaN] = loadavg();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readme-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the README’s quickstart measures its eight points in time with one engine start, and the picture shows its page', async () => {
  const product = new TestProduct(['quickstart', '--json', '--port', String(await freePort())], {
    cwd: folder,
  });
  await product.event(({ type }) => type === 'engine-ready');
  const provisionedAt = performance.now();
  expect(await product.exited, product.stderr).toBe(0);
  if (loadBefore < 1) expect(performance.now() - provisionedAt).toBeLessThan(promisedMs);
  expect(product.events.filter(({ type }) => type === 'engine-starting')).toHaveLength(1);
  expect(product.events.filter(({ type }) => type === 'point-finished')).toHaveLength(8);

  const { report } = z.object({ report: z.string() }).parse(JSON.parse(product.stdout));
  expect(await readFile(report, 'utf8')).not.toMatch(/(src|href)="https?:/);
  if (!hasBrowser) return;
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 936 } });
    await page.goto(`file://${report}`);
    await page.locator('[data-shape] [data-line]').first().waitFor();
    const workloads = page.getByRole('form', { name: 'The question' }).getByLabel('Workload, tokens');
    expect(await workloads.locator('option').count()).toBe(2);
    // On request, this test also creates the README's picture.
    const picture = process.env.UPDATE_PICTURE
      ? join(packageRoot, 'docs', 'dashboard.png')
      : join(folder, 'dashboard.png');
    await page.screenshot({ path: picture });
  } finally {
    await browser.close();
  }
});
