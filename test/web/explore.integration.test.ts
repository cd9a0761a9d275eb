import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasBrowser } from '../support/browser.ts';
import { lastNight, nights, TestSite } from './site.ts';

// All hardware expanded, in one precision: the series as in rows.
const dsr1 =
  '#/explore?model=dsr1&shape=1024/1024&precision=fp8&linx=1&liny=1&open=synthetic-h200,synthetic-b200';

describe.skipIf(!hasBrowser)('explore (skipped: no chromium)', () => {
  let site: TestSite;
  let page: Page;
  beforeAll(async () => {
    site = await TestSite.open(nights);
    page = await site.page(dsr1);
  });
  afterAll(() => site?.close());
  beforeEach(async () => {
    await page.goto('about:blank');
    await page.goto(`${site.url}${dsr1}`);
    await page.locator('[data-frontier]').first().waitFor();
  });

  const summary = () => page.getByTestId('summary').textContent();
  const hash = () => new URL(page.url()).hash;
  const chart = () => page.getByRole('application');
  const announced = () => page.getByTestId('announced').textContent();

  test('every choice is in the URL, and the URL restores every choice', async () => {
    await page
      .getByRole('combobox', { name: /^Y axis/ })
      .selectOption({ label: 'Output throughput per GPU' });
    await page.getByRole('combobox', { name: /^X axis/ }).selectOption({ label: 'P99 time to first token' });
    await page.getByRole('group', { name: 'Hardware' }).getByLabel('synthetic-b200').uncheck();
    await page.getByLabel('Logarithmic x axis').check();
    await page.getByText('4 points in 1 series').waitFor();
    await expect
      .poll(hash)
      .toBe(
        '#/explore?model=dsr1&shape=1024/1024&y=output-tput&x=p99-ttft&hw=synthetic-h200&precision=fp8&liny=1&open=synthetic-h200,synthetic-b200',
      );
    const other = await site.page(hash());
    await other.getByText('4 points in 1 series').waitFor();
    expect(await other.getByRole('combobox', { name: /^X axis/ }).inputValue()).toBe('p99-ttft');
    expect(await other.getByLabel('Logarithmic x axis').isChecked()).toBe(true);
    expect(await other.getByRole('heading', { level: 2 }).first().textContent()).toBe(
      'Output throughput per GPU against p99 time to first token',
    );
    await other.close();
  });

  test('input throughput is plotted against the time to first token', async () => {
    await page.getByRole('combobox', { name: /^Y axis/ }).selectOption({ label: 'Input throughput per GPU' });
    await expect.poll(hash).toContain('y=input-tput&x=p99-ttft');
  });

  test('a model without measurements is reported, not silently replaced', async () => {
    await page.goto(`${site.url}#/explore?model=nope`);
    await page.getByText('There are no measurements of a model called nope').waitFor();
  });

  test('the back button undoes one choice at a time', async () => {
    await page.getByLabel('Only the frontiers').check();
    await page.getByRole('group', { name: 'Precision' }).getByLabel('fp4').check();
    await page.goBack();
    await expect.poll(hash).toContain('show=frontier');
    await page.goBack();
    await expect.poll(hash).toBe(dsr1);
    await expect.poll(() => page.getByLabel('Only the frontiers').isChecked()).toBe(false);
  });

  test('another day or run is compared with arrows and in numbers', async () => {
    await page.getByLabel('Compare with').selectOption('nightly-1');
    await page.getByRole('heading', { name: 'What changed since nightly-1' }).waitFor();
    expect(await page.locator('[data-before]').count()).toBe(2);
    expect(await page.locator('[data-arrow]').count()).toBeGreaterThan(4);
    const change = async () =>
      await page
        .getByRole('row', { name: /synthetic-h200/ })
        .locator('td')
        .nth(1)
        .getAttribute('title');
    const rows = await Promise.all(nights.slice(1).map(async (night) => await site.rows(night)));
    const [before = [], after = []] = rows.map((night) =>
      night
        .filter(({ hw, isl }) => hw === 'synthetic-h200' && isl === 1024)
        .toSorted((a, b) => a.conc - b.conc),
    );
    const changes = after
      .map((row, index) => Number(row.tput_per_gpu) / Number(before[index]?.tput_per_gpu) - 1)
      .toSorted((a, b) => a - b);
    const median = ((changes[1] ?? 0) + (changes[2] ?? 0)) / 2;
    expect(Number(await change())).toBeCloseTo(median, 5);
    // As of the day of that night, the comparison is the same.
    await page.getByLabel('Compare with').selectOption('day');
    await page.getByLabel('Compare with: the day (UTC)').fill('2026-01-15');
    await page.getByRole('heading', { name: 'What changed since 2026-01-15' }).waitFor();
    expect(Number(await change())).toBeCloseTo(median, 5);
  });

  test('hiding a series in the legend rescales the axes', async () => {
    const ticks = () => page.locator('.frontier-chart svg').first().locator('text').allTextContents();
    const before = await ticks();
    await page.getByRole('button', { name: 'synthetic-b200 · TensorRT-LLM · fp8' }).click();
    await page.getByText('4 points in 1 series').waitFor();
    await expect.poll(hash).toContain('hide=');
    expect(await ticks()).not.toEqual(before);
    await page.getByRole('button', { name: 'synthetic-b200 · TensorRT-LLM · fp8' }).click();
    await page.getByText('8 points in 2 series').waitFor();
    expect(await ticks()).toEqual(before);
  });

  test('with keys only, points can be visited, pinned, zoomed and opened', async () => {
    await chart().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(announced).toMatch(/^synthetic-\w+ · [\w-]+ · fp8, concurrency 64.*on the frontier$/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(announced).toMatch(/concurrency 16/);
    const [series] = (await announced())?.split(',') ?? [];
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => (await announced())?.split(',')[0]).not.toBe(series);
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'Pinned' }).waitFor();
    expect(await page.locator('[data-pinned]').count()).toBe(1);
    await page.keyboard.press('+');
    await expect.poll(hash).toContain('zoom=');
    await page.keyboard.press('0');
    await expect.poll(hash).not.toContain('zoom=');
    const [pinned] = /pin=\w+/.exec(hash()) ?? [];
    await page.keyboard.press('Enter');
    await page.locator('article[data-point]').waitFor();
    expect(`pin=${await page.locator('article').getAttribute('data-point')}`).toBe(pinned);
    await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('MAIN');
    await page.goBack();
    await page.getByRole('heading', { name: 'Pinned' }).waitFor();
  });

  test('hovering names a point, dragging zooms, double-clicking resets, clicking opens', async () => {
    const box = await chart().boundingBox();
    if (box === null) throw new Error('the chart is not on the page');
    const [path = ''] = await page
      .locator('[data-frontier]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('d')));
    const [x = 0, y = 0] =
      /M([\d.]+),([\d.]+)/
        .exec(path ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    await page.mouse.move(box.x + x + 3, box.y + y + 3);
    await page.locator('.tooltip').waitFor();
    await expect.poll(() => page.locator('.tooltip').textContent()).toContain('concurrency 64');
    await page.mouse.move(box.x + 150, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 350, box.y + 250, { steps: 4 });
    await page.mouse.up();
    await expect.poll(hash).toMatch(/zoom=[\d.]+,[\d.]+,[\d.]+,[\d.]+$/);
    await page.mouse.dblclick(box.x + box.width - 20, box.y + 40);
    await expect.poll(hash).toBe(dsr1);
    await page.mouse.click(box.x + x + 2, box.y + y + 2);
    await page.locator('article[data-point]').waitFor();
  });

  const drawn =
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))';

  /**
   * What an action changes on the page: attributes by name, added and removed elements by position, and how many times
   * it paints the dots of a canvas.
   */
  const changesBy = async (act: () => Promise<unknown>) => {
    // Pending updates would be mistaken for changes.
    await page.waitForLoadState('networkidle');
    await page.evaluate(drawn);
    await page.evaluate(`
      globalThis.changes = [];
      globalThis.painted = 0;
      const { prototype } = CanvasRenderingContext2D;
      globalThis.putImageData ??= prototype.putImageData;
      prototype.putImageData = function (...what) { painted++; return putImageData.apply(this, what); };
      globalThis.watching = new MutationObserver((all) => changes.push(...all.map(({ type, attributeName, target }) =>
        [type === 'attributes' ? attributeName : type, (target.closest ? target : target.parentElement)?.closest('.frontier-chart, .question, .controls')?.className ?? ''])));
      watching.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });`);
    await act();
    await page.evaluate(drawn);
    const seen = await page.evaluate('watching.disconnect(); [changes, painted]');
    const [changes, painted] = z.tuple([z.array(z.tuple([z.string(), z.string()])), z.number()]).parse(seen);
    return { changes, painted };
  };

  test('highlighting a series fades the others without redrawing', async () => {
    await page.mouse.move(0, 0);
    const series = await page.locator('[data-frontier]').count();
    const dots = page.locator('.frontier-chart canvas').first();
    const { changes, painted } = await changesBy(async () => {
      await page.locator('.legend button').first().hover();
      await expect.poll(() => dots.evaluate((one) => one.style.opacity)).not.toBe('1');
    });
    // Only the dots of the series, on the canvas above the others.
    expect(painted).toBe(1);
    // One attribute of each series' line and name, and one of the dots; the other canvas gets its size once.
    const attributes = changes.map(([what]) => what);
    expect(attributes.filter((what) => what === 'opacity').length).toBe(2 * (series - 1));
    expect(attributes.filter((what) => !/^(opacity|style|width|height)$/.test(what))).toEqual([]);
    expect(changes.length).toBeLessThanOrEqual(2 * series + 4);
    await page.mouse.move(0, 0);
    await expect.poll(() => dots.evaluate((one) => one.style.opacity)).toBe('1');
  });

  test('zooming changes only the chart', async () => {
    const { changes } = await changesBy(async () => {
      await page.getByRole('button', { name: 'Zoom in' }).click();
      await expect.poll(hash).toContain('zoom=');
    });
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(([what, where]) => what !== 'href' && where !== 'chart frontier-chart')).toEqual(
      [],
    );
    await page.getByRole('button', { name: 'Show everything' }).click();
    await expect.poll(hash).toBe(dsr1);
  });

  const exported = async (name: string) => {
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name, exact: true }).first().click();
    const file = await waiting;
    return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
  };

  test('CSV has all digits of the shown values', async () => {
    const { name, content } = await exported('CSV');
    expect(name).toBe('dsr1_1024_1024_total-tput_median-interactivity.csv');
    const [header = '', ...lines] = content.toString('utf8').trimEnd().split('\r\n');
    const columns = header.split(',');
    const column = (key: string) => lines.map((line) => line.split(',')[columns.indexOf(key)]);
    const rows = (await site.rows(lastNight())).filter(
      ({ isl, precision }) => isl === 1024 && precision === 'fp8',
    );
    const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
    const read = sorted(column('total-tput (tok/s/GPU)').map(Number));
    for (const [index, tput] of sorted(rows.map((row) => Number(row.tput_per_gpu))).entries()) {
      expect((read[index] ?? 0) / tput).toBeCloseTo(1, 6);
    }
    expect(lines).toHaveLength(rows.length);
    expect(column('verdict').filter((verdict) => verdict === 'suspect')).toHaveLength(1);
    // Interactivity has an interval because the time per token has one; throughput has none here.
    expect(column('median-interactivity ci low').every((value) => Number(value) > 0)).toBe(true);
  });

  test('SVG is self-contained: title, all points, legend, no external references', async () => {
    const { content } = await exported('SVG');
    const svg = content.toString('utf8');
    const parsed = await page.evaluate((text) => {
      // biome-ignore lint/suspicious/noExplicitAny: this runs in the browser, whose types this project of Node lacks.
      const { DOMParser } = globalThis as any;
      const read = new DOMParser().parseFromString(text, 'image/svg+xml');
      const texts = [...read.querySelectorAll('text')].map((one: { textContent: string }) => one.textContent);
      return {
        error: read.querySelector('parsererror') !== null,
        title: read.querySelector('title')?.textContent,
        points: read.querySelectorAll('[data-point]').length,
        texts,
      };
    }, svg);
    expect(parsed).toMatchObject({
      error: false,
      title: 'Total throughput per GPU against median interactivity',
      points: 8,
    });
    expect(parsed.texts).toContain('synthetic-h200 · SGLang · fp8');
    expect(svg).not.toMatch(/href=|url\((?!#)|var\(--/);
  });

  test('PNG is the same image at twice the size', async () => {
    const [{ content: png }, { content: svg }] = [await exported('PNG'), await exported('SVG')];
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg.toString('utf8')) ?? [];
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
  });

  test('the table has the same points, sorted by any column', async () => {
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.locator('tr[data-row]').first().waitFor();
    expect(await page.locator('tr[data-row]').count()).toBe(8);
    const concurrencies = async () =>
      (await page.locator('tr[data-row] td:nth-child(2)').allTextContents()).map(Number);
    await page.getByRole('button', { name: 'Concurrency' }).click();
    const once = await concurrencies();
    await page.getByRole('button', { name: 'Concurrency' }).click();
    await expect.poll(concurrencies).toEqual(once.toReversed());
    expect(await page.getByRole('columnheader', { name: 'Concurrency' }).getAttribute('aria-sort')).not.toBe(
      'none',
    );
  });

  test('if no point matches, the page says what to do, and doing it helps', async () => {
    // The price of generated hardware is unknown.
    await page.getByRole('combobox', { name: /^Y axis/ }).selectOption('total-cost-rental');
    await page.getByRole('heading', { name: 'No point matches' }).waitFor();
    await page.getByRole('button', { name: 'Show throughput of everything' }).click();
    await page.getByText('12 points in 3 series').waitFor();
    expect(await summary()).toBe('12 points in 3 series');
  });
});
