import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.ts';
import { overviewDocument } from '../../src/server/documents/overview.ts';
import { hasBrowser } from '../support/browser.ts';
import { lastNight, nights, scoresOf, TestSite } from './site.ts';

const dsr1 = 'model=dsr1&shape=1024/1024';

describe.skipIf(!hasBrowser)('each view shows what is in the store (skipped: no chromium)', () => {
  let site: TestSite;
  let page: Page;
  beforeAll(async () => {
    site = await TestSite.open(nights);
    page = await site.page('');
  });
  afterAll(() => site?.close());

  const show = async (hash: string) => {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  };
  const figures = (selector: string, attribute: string) =>
    page
      .locator(selector)
      .evaluateAll((all, name) => all.map((one) => Number(one.getAttribute(name))), attribute);

  test('the overview ranks hardware by its best server at a speed, best first', async () => {
    await show('#/?model=dsr1&shape=1024/1024&speed=60');
    const rows = page.locator('[data-shape="dsr1_1024_1024"] tr[data-hw]');
    await rows.first().waitFor();
    const values = await figures('[data-shape="dsr1_1024_1024"] tr[data-hw]', 'data-tput');
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(await rows.first().getAttribute('data-hw')).toBe('synthetic-b200');
    expect(await page.locator('.answer').textContent()).toContain('synthetic-b200 serves the most');
    // Within the measured range of its points.
    const measured = (await site.rows(lastNight())).filter(
      ({ hw, isl }) => hw === 'synthetic-b200' && isl === 1024,
    );
    // Chart values have seven digits.
    expect((values[0] ?? 0) * (1 - 1e-6)).toBeLessThanOrEqual(
      Math.max(...measured.map(({ tput_per_gpu: tput }) => Number(tput))),
    );
  });

  test('columns and tables link to their documentation by keyboard', async () => {
    const explained = async (hash: string, within: string) => {
      await show(hash);
      const links = page.locator(`${within} a.about`);
      await links.first().waitFor();
      for (const link of await links.all()) {
        await link.focus();
        expect(await link.evaluate((one) => one.matches(':focus'))).toBe(true);
        const address = new URL((await link.getAttribute('href')) ?? '', site.url);
        expect((await page.request.get(address.href)).status()).toBe(200);
      }
      return await links.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    };
    expect(await explained('#/?model=dsr1&shape=1024/1024', '.decision thead')).toEqual(
      [
        'Hardware, best server',
        'tok/s per GPU',
        '$ per M tokens',
        'kW per M tok/s',
        'First token',
        'Accuracy',
        'Timing',
      ].map((column) => `What this means: ${column}`),
    );
    expect(await explained('#/hardware', 'main')).toEqual(
      ['Specifications', 'Power and price', 'Measured hardware'].map((table) => `What this means: ${table}`),
    );
  });

  test('a run lists each series by increasing concurrency', async () => {
    await show(`#/runs/${lastNight().sweepId}`);
    await page.locator('tr[data-row]').first().waitFor();
    const rows = await page
      .locator('.card:has(tr[data-row])')
      .first()
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
    expect(rows.length).toBeGreaterThan(2);
    const ordered = rows.toSorted(
      ([a = '', c = '', e], [b = '', d = '', f]) =>
        a.localeCompare(b) || c.localeCompare(d) || Number(e) - Number(f),
    );
    expect(rows).toEqual(ordered);
  });

  test('the overview shows what changed and the possible cause', async () => {
    await show('#/');
    await page.locator('#changes').waitFor();
    // The week ends with the newest measurement, not today.
    expect(await page.locator('#changes').textContent()).toBe('What changed in the week to 16 Jan 2026');
    const changes = page.locator('.changes > li');
    await changes.first().waitFor();
    const [before, after] = await Promise.all(nights.slice(1).map(async (night) => await site.rows(night)));
    const rowOf = (rows = before, conc: number) =>
      rows?.find((row) => row.hw === 'synthetic-h200' && row.conc === conc && row.isl === 1024);
    const text = (await changes.allTextContents()).find((one) => one.includes('synthetic-h200')) ?? '';
    const conc = Number(/concurrency (\d+)/.exec(text)?.[1]);
    const [then, now] = [rowOf(before, conc)?.tput_per_gpu ?? 0, rowOf(after, conc)?.tput_per_gpu ?? 0];
    const relative = await figures('.changes > li', 'data-change');
    expect(relative.some((change) => Math.abs(change - (now / then - 1)) < 1e-5)).toBe(true);
    expect(text).toContain('the image changed from lmsysorg/sglang:v0.5.5 to lmsysorg/sglang:v0.5.6');
  });

  test('explore opens with one line per hardware, which expands into its engines', async () => {
    await show(`#/explore?${dsr1}`);
    await page.getByText('12 points in 2 series').waitFor();
    expect(await page.locator('[data-frontier]').count()).toBe(2);
    expect((await page.locator('[data-label]').allTextContents()).toSorted()).toEqual([
      'synthetic-b200',
      'synthetic-h200',
    ]);
    const engines = page.getByRole('group', { name: 'Engines of a hardware type' });
    await engines.getByRole('button', { name: 'synthetic-b200' }).click();
    await page.getByText('12 points in 3 series').waitFor();
    expect(await page.locator('[data-frontier]').count()).toBe(3);
  });

  test('a point page shows the row, its intervals, and its verdict with the reason', async () => {
    await show(`#/explore?${dsr1}`);
    const [suspect] = lastNight().points;
    if (suspect === undefined) throw new Error('there is no point');
    const row = await site.row(lastNight(), suspect);
    await page.getByRole('button', { name: 'Table' }).first().click();
    await page
      .locator('tr[data-row]', { has: page.locator('td:nth-child(2)', { hasText: /^1$/ }) })
      .getByRole('link', { name: 'synthetic-h200', exact: true })
      .click();
    await page.locator('article[data-point]').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'synthetic-h200: SGLang, FP8, concurrency 1',
    );
    const value = async (metric: string) =>
      Number(await page.locator(`[data-metric="${metric}"]`).getAttribute('data-value'));
    expect(await value('totalTputPerGpu')).toBeCloseTo(Number(row.tput_per_gpu), 6);
    expect(await value('medianTtftMs')).toBeCloseTo(1000 * Number(row.median_ttft), 6);
    expect(await page.locator('.reasons').textContent()).toBe('the event loop was late by 60 ms');
    expect(await page.locator('article .badge').first().textContent()).toContain('suspect');
  });

  test('a point page shows its rank on its hardware, and links to its neighbours', async () => {
    const rows = (await site.rows(lastNight()))
      .filter(({ hw, isl, precision }) => hw === 'synthetic-h200' && isl === 1024 && precision === 'fp8')
      .toSorted((a, b) => a.conc - b.conc);
    const [low, middle, high] = rows;
    const table = page.locator('table.place');
    await show(`#/explore?${dsr1}`);
    await page.getByRole('button', { name: 'Table' }).first().click();
    await page
      .locator('tr[data-row]', {
        has: page.locator('td:nth-child(2)', { hasText: RegExp(`^${middle?.conc}$`) }),
      })
      .getByRole('link', { name: 'synthetic-h200', exact: true })
      .click();
    await table.waitFor();
    const concurrencies = async () =>
      await table
        .locator('tbody tr')
        .evaluateAll((all) => all.slice(0, 3).map((row) => row.children[2]?.textContent));
    expect(await concurrencies()).toEqual([middle, low, high].map((row) => String(row?.conc)));
    await table.getByRole('row', { name: 'Next lower concurrency' }).getByRole('link').click();
    await page.getByRole('heading', { name: `concurrency ${low?.conc}` }).waitFor();
  });

  test('values based on a suspect measurement are marked in the overview and the cost calculator', async () => {
    const [suspect] = lastNight().points;
    if (suspect === undefined) throw new Error('there is no point');
    const row = await site.row(lastNight(), suspect);
    const speed = Number(row.median_intvty);
    const ask = async (path: string) => await (await fetch(new URL(path, site.url))).json();
    const verdicts = z.object({ rows: z.array(z.object({ hw: z.string(), verdict: z.string() })) });
    const { rows } = verdicts.parse(
      await ask(`api/v1/best?model=dsr1&isl=1024&osl=1024&interactivity=${speed * 0.999}`),
    );
    expect(Object.fromEntries(rows.map(({ hw, verdict }) => [hw, verdict]))).toEqual({
      'synthetic-b200': 'checked',
      'synthetic-h200': 'suspect',
    });

    const { changes } = overviewDocument.parse(await ask('data/overview.json'));
    const doubtful = changes.filter(({ before, after }) =>
      [before.verdict, after.verdict].includes('suspect'),
    );
    expect(doubtful.map(({ after }) => after.value)).toContain(row.tput_per_gpu);
    await show('#/');
    const marked = page.locator('.changes > li', { hasText: 'suspect' });
    await marked.first().waitFor();
    expect(await marked.count()).toBe(doubtful.length);

    await show(`#/cost?${dsr1}&speed=${speed * (1 - 1e-9)}&prices=synthetic-h200:2`);
    await page
      .getByText(/synthetic-h200, FP8 \(suspect\)/)
      .first()
      .waitFor();
  });

  test('history shows each night of one configuration', async () => {
    await show(`#/history?${dsr1}&series=&config=TP8 EP1 @ 16`);
    await page.locator('figure [data-point]').first().waitFor();
    const key = await page.getByLabel('Series').inputValue();
    const hw = key.includes('b200') ? 'synthetic-b200' : 'synthetic-h200';
    const rows = await Promise.all(nights.map(async (night) => await site.rows(night)));
    const expected = rows.map(
      (night) =>
        night.find((row) => row.hw === hw && row.conc === 16 && row.precision === 'fp8' && row.isl === 1024)
          ?.tput_per_gpu ?? 0,
    );
    const drawn = await figures('figure [data-point]', 'data-value');
    expect(drawn).toHaveLength(3);
    for (const [index, value] of drawn.entries()) expect(value / (expected[index] ?? 1)).toBeCloseTo(1, 6);
  });

  test('history shows the best at a speed over time, ending with the value in the overview', async () => {
    await show(`#/?${dsr1}&speed=60`);
    const answers = page.locator('[data-shape="dsr1_1024_1024"] tr[data-hw]');
    await answers.first().waitFor();
    const today = await answers.evaluateAll((all) =>
      all.map((row) => [row.getAttribute('data-hw'), Number(row.getAttribute('data-tput'))]),
    );
    await show(`#/history?${dsr1}&speed=60`);
    await page.getByRole('figure', { name: 'The best at 60 tok/s per user, over time' }).waitFor();
    const lines = await page
      .locator('figure [data-line]')
      .evaluateAll((all) =>
        all.map((line) => [line.getAttribute('data-line'), Number(line.getAttribute('data-value'))]),
      );
    expect(new Map(lines as [string, number][])).toEqual(new Map(today as [string, number][]));
    await page
      .getByRole('region', { name: 'What changed the best results' })
      .getByText('first result')
      .first()
      .waitFor();
  });

  test('reliability counts the attempts of the journals', async () => {
    await show('#/reliability');
    const attempts = nights.reduce((sum, { points }) => sum + points.length, 0);
    await page.getByText(`100 % of ${attempts} attempts`).waitFor();
  });

  test('accuracy shows the newest scores next to the speed of the same configuration', async () => {
    await show('#/accuracy');
    await page.locator('[data-bar]').first().waitFor();
    const newest = scoresOf(lastNight()).map(({ score }) => Number(score));
    expect(await figures('[data-bar]', 'data-value')).toEqual(newest.toSorted((a, b) => b - a));
    const row = page.getByRole('row', { name: /synthetic-h200/ });
    await row.getByRole('link').waitFor();
    const measured = (await site.rows(lastNight())).find(
      ({ hw, conc, isl }) => hw === 'synthetic-h200' && conc === 64 && isl === 1024,
    );
    const speed = Number(await row.locator('td').nth(3).getAttribute('title'));
    expect(speed / (measured?.tput_per_gpu ?? 0)).toBeCloseTo(1, 6);
  });

  test('the cost calculator divides the reader’s price by the measured throughput', async () => {
    const row = (await site.rows(lastNight())).find(
      ({ hw, conc, isl }) => hw === 'synthetic-h200' && conc === 16 && isl === 1024,
    );
    const speed = Number(row?.median_intvty);
    // The URL has a limited number of digits; a speed just below the point's own is between it and its neighbour.
    await show(`#/cost?${dsr1}&speed=${speed * (1 - 1e-9)}&prices=synthetic-h200:2`);
    await page.locator('[data-bar="synthetic-h200"]').waitFor();
    const [usd] = await figures('[data-bar="synthetic-h200"]', 'data-value');
    // Chart values have seven digits.
    expect((usd ?? 0) / ((2 * 1e6) / (3600 * (row?.tput_per_gpu ?? 0)))).toBeCloseTo(1, 5);
    await page.getByLabel('synthetic-b200').fill('1');
    await page.locator('[data-bar="synthetic-b200"]').waitFor();
    await expect.poll(() => new URL(page.url()).hash).toContain('prices=synthetic-b200:1,synthetic-h200:2');
  });

  test('runs list their measurements, and one run its points', async () => {
    await show('#/runs');
    await page
      .getByRole('row', { name: /nightly-2/ })
      .getByText('DeepSeek R1 0528')
      .waitFor();
    await page.getByLabel('Hardware').selectOption('synthetic-b200');
    await expect.poll(() => new URL(page.url()).hash).toBe('#/runs?hw=synthetic-b200');
    await page.getByRole('link', { name: 'nightly-2' }).click();
    await page.getByRole('heading', { name: 'nightly-2' }).waitFor();
    await page.locator('tr[data-row]').first().waitFor();
    expect(await page.locator('tr[data-row]').count()).toBe(lastNight().points.length);
  });

  test('hardware lists the constants with their sources', async () => {
    await show('#/hardware');
    const prices = page.getByRole('region', { name: 'Power and price' });
    const h100 = prices.getByRole('row', { name: 'H100 SXM' });
    await h100.waitFor();
    expect(await h100.locator('td').first().getAttribute('data-value')).toBe('1.37');
    // Every column is on the screen.
    const [shown, whole] = await prices.evaluate((table) => [table.clientWidth, table.scrollWidth]);
    expect(whole).toBe(shown);
    expect(await page.getByRole('region', { name: 'Sources' }).locator('li').count()).toBeGreaterThan(1);
  });

  test('missing pages and data are reported with a link back', async () => {
    await show('#/points-of-view');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await show('#/runs/never');
    await page.getByRole('heading', { name: 'There is no such data' }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).last().click();
    await page.locator('[data-shape]').first().waitFor();
  });

  test('the first view loads an answer without points, and the points give the same answer', async () => {
    const fresh = await site.browser.newPage({ viewport: { width: 1280, height: 900 } });
    const read: string[] = [];
    fresh.on('response', (response) => {
      if (response.url().endsWith('.json')) read.push(new URL(response.url()).pathname);
    });
    const answerAt = async (query: string) => {
      await fresh.goto(`${site.url}#/?${dsr1}${query}`);
      const section = fresh.locator('[data-shape="dsr1_1024_1024"]');
      await section.locator('svg [data-level]').waitFor({ state: 'attached' });
      await expect.poll(() => fresh.locator('.busy').count()).toBe(0);
      return section.evaluate((one) => one.outerHTML);
    };
    const first = await answerAt('');
    const [speed] = await fresh
      .locator('[data-level]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-level')));
    expect(read).toContain('/data/answers/dsr1_1024_1024.json');
    expect(read.filter((path) => /shapes|hardware|evals/.test(path))).toEqual([]);
    // The same question with an explicit speed is answered from points.
    expect(await answerAt(`&speed=${speed}`)).toBe(first);
    expect(read).toContain('/data/shapes/dsr1_1024_1024.json');
    await fresh.close();
  });

  test('the first view needs at most 150 kB of JavaScript, compressed', async () => {
    const fetched: string[] = [];
    const fresh = await site.browser.newPage();
    fresh.on('response', (response) => {
      if (response.url().endsWith('.js')) fetched.push(new URL(response.url()).pathname);
    });
    await fresh.goto(site.url);
    await fresh.locator('[data-shape] svg').first().waitFor();
    await fresh.close();
    const built = join(packageRoot, 'dist', 'web');
    const size = (path: string) => gzipSync(readFileSync(join(built, path))).length;
    const initial = fetched.reduce((sum, path) => sum + size(path), 0);
    const all = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'));
    expect(fetched.length).toBeGreaterThan(0);
    expect(fetched.length).toBeLessThan(all.length);
    expect(initial).toBeLessThanOrEqual(150_000);
  });
});

describe.skipIf(!hasBrowser)('an empty store (skipped: no chromium)', () => {
  test('every view says what to do next', async () => {
    const site = await TestSite.open([]);
    try {
      const page = await site.page('');
      for (const hash of ['#/', '#/explore', '#/cost', '#/history', '#/runs']) {
        await page.goto(`${site.url}${hash}`);
        await page.getByText('npm run quickstart').waitFor();
      }
      await page.goto(`${site.url}#/reliability`);
      await page.getByText('No attempts are recorded').waitFor();
      await page.goto(`${site.url}#/accuracy`);
      await page.getByText('Nothing has been evaluated yet').waitFor();
      await page.goto(`${site.url}#/hardware`);
      await page.getByRole('columnheader', { name: 'All-in power, kW' }).waitFor();
    } finally {
      await site.close();
    }
  });
});
