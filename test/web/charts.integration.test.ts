import type { CDPSession, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { lastNight, nights, TestSite } from './site.ts';

const dsr1 = '#/explore?model=dsr1&shape=1024/1024&linx=1&liny=1';

describe.skipIf(!hasBrowser)('charts with keyboard, mouse and touch (skipped: no chromium)', () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await TestSite.open(nights);
  });
  afterAll(() => site?.close());

  const raw = async () => {
    const [point] = lastNight().points;
    if (point === undefined) throw new Error('there is no point');
    return await site.raw(lastNight(), point);
  };
  /** The page of the point with this raw result. */
  const pointPage = async (): Promise<Page> => {
    const response = await fetch(`${site.url}data/shapes/dsr1_1024_1024.json`);
    const { points } = (await response.json()) as { points: { ids: string[]; verdicts: string[] } };
    const page = await site.page(`#/point/${points.ids[points.verdicts.indexOf('suspect')]}`);
    await page.locator('article[data-point]').waitFor();
    // Content above the charts arrives with the points and moves the charts.
    await page.waitForLoadState('networkidle');
    return page;
  };
  const chartOf = (page: Page, title: string) => {
    const figure = page.getByRole('figure', { name: title, exact: true });
    return {
      surface: figure.getByRole('application'),
      tooltip: figure.locator('.tooltip'),
      announced: async () => (await figure.getByTestId('announced').textContent()) ?? '',
    };
  };
  /** The first number in a text, which may have thousands separators. */
  const numberIn = (text: string) => Number(/[\d,.]*\d/.exec(text)?.[0].replaceAll(',', ''));

  test('arrow keys move through the bins of a distribution, with values equal to the raw result', async () => {
    const page = await pointPage();
    const { edges_ms: edges, counts } = (await raw()).distributions.ttft;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const { surface, tooltip, announced } = chartOf(page, 'Time to first token');
    const expectBin = async (index: number) => {
      await expect.poll(announced).toContain(`Samples ${counts[index]};`);
      const [range = '', , share = '', upToHere = ''] = (await announced()).split('; ');
      expect(range.split(' to ').map(numberIn)).toEqual(edges.slice(index, index + 2));
      expect(numberIn(share)).toBeCloseTo((100 * (counts[index] ?? 0)) / total, 2);
      const below = counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
      expect(numberIn(upToHere)).toBeCloseTo((100 * below) / total, 2);
      expect(await tooltip.locator('dd').first().textContent()).toBe(String(counts[index]));
    };
    await surface.focus();
    expect(await announced()).toBe('');
    await page.keyboard.press('ArrowRight');
    await expectBin(0);
    await page.keyboard.press('ArrowRight');
    await expectBin(1);
    expect(await announced()).toContain('median');
    await page.keyboard.press('End');
    await expectBin(3);
    await page.keyboard.press('ArrowRight');
    await expectBin(3);
    await page.keyboard.press('ArrowLeft');
    await expectBin(2);
    await page.keyboard.press('Home');
    await expectBin(0);
    await page.keyboard.press('Escape');
    await expect.poll(announced).toBe('');
    expect(await tooltip.count()).toBe(0);
    await page.close();
  });

  test('arrow keys move through the intervals of a run, including one without a value', async () => {
    const page = await pointPage();
    const {
      interval_s: intervalS,
      output_throughput: speeds,
      median_ttft_ms: ttfts,
    } = (await raw()).timeline;
    const speed = chartOf(page, 'Output throughput over the run');
    await speed.surface.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(speed.announced)
      .toMatch(new RegExp(`^${intervalS} to ${2 * intervalS}\\ss; Output throughput [\\d,.]+\\stok/s$`));
    const said = numberIn((await speed.announced()).split('; ')[1] ?? '');
    expect(said / (speeds[1] ?? 0)).toBeCloseTo(1, 3);
    expect(ttfts[1]).toBeNull();
    // The current item is cleared when the focus leaves.
    await page.keyboard.press('Tab');
    await expect.poll(speed.announced).toBe('');
    const ttft = chartOf(page, 'Median TTFT over the run');
    await ttft.surface.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(ttft.announced).toBe('10 to 20\u00a0s; Median TTFT none');
    await page.close();
  });

  test('the pointer names the bin and the interval under it', async () => {
    const page = await pointPage();
    const { counts } = (await raw()).distributions.ttft;
    const bins = chartOf(page, 'Time to first token');
    await bins.surface.scrollIntoViewIfNeeded();
    const { x, width } = await boxOf(page.locator(`rect[data-count="${counts[2]}"]`));
    const { y, height } = await boxOf(bins.surface);
    // The space above a bar belongs to its bin, too.
    await page.mouse.move(x + width / 2, y + height / 2);
    await expect.poll(bins.announced).toContain(`Samples ${counts[2]};`);
    expect(await bins.tooltip.textContent()).toContain(`Samples${counts[2]}`);
    await page.mouse.move(1, 1);
    await bins.tooltip.waitFor({ state: 'detached' });
    const speed = chartOf(page, 'Output throughput over the run');
    await speed.surface.scrollIntoViewIfNeeded();
    const line = await boxOf(speed.surface);
    await page.mouse.move(line.x + line.width - 20, line.y + line.height / 2);
    await expect.poll(speed.announced).toMatch(/^30 to 40\ss; /);
    await page.close();
  });

  test('arrow keys move through the nights of a history, and Enter or a click opens one', async () => {
    const page = await site.page('#/history?model=dsr1&shape=1024/1024&config=TP8 EP1 @ 16');
    await page.locator('figure [data-point]').first().waitFor();
    const key = await page.getByLabel('Series').inputValue();
    const hw = key.includes('b200') ? 'synthetic-b200' : 'synthetic-h200';
    const row = (await site.rows(lastNight())).find(
      (one) => one.hw === hw && one.conc === 16 && one.precision === 'fp8' && one.isl === 1024,
    );
    const { surface, announced } = chartOf(page, 'Total throughput per GPU over time');
    const newest = await page.locator('figure [data-point]').last().getAttribute('data-point');
    await surface.focus();
    await page.keyboard.press('Home');
    await expect.poll(announced).toMatch(/^14 Jan 2026, /);
    await page.keyboard.press('End');
    await expect.poll(announced).toMatch(/^16 Jan 2026, .*; Verdict checked; /);
    const said = numberIn((await announced()).split('; ')[1] ?? '');
    expect(said / (row?.tput_per_gpu ?? 0)).toBeCloseTo(1, 3);
    await page.keyboard.press('Enter');
    const opened = page.locator('article[data-point]');
    await opened.waitFor();
    expect(await opened.getAttribute('data-point')).toBe(newest);
    await page.goBack();
    await page.locator(`[data-point="${newest}"]`).scrollIntoViewIfNeeded();
    const marker = await boxOf(page.locator(`[data-point="${newest}"]`));
    await page.mouse.click(marker.x + marker.width / 2, marker.y + marker.height / 2);
    await opened.waitFor();
    expect(await opened.getAttribute('data-point')).toBe(newest);
    await page.close();
  });

  const touchPage = async () => {
    const page = await site.page(dsr1, {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 390, height: 844 },
    });
    await page.locator('[data-frontier]').first().waitFor();
    await page.getByRole('application').scrollIntoViewIfNeeded();
    return { page, touch: new Touch(await page.context().newCDPSession(page)) };
  };
  /** The zoom in the page's URL, read from the page because the browser reports it later. */
  const zoomOf = async (page: Page) =>
    /zoom=([^&]+)/
      .exec(String(await page.evaluate('location.hash')))?.[1]
      ?.split(',')
      .map(Number);
  const scrolled = async (page: Page) => Number(await page.evaluate('scrollY'));

  test('pinching zooms in and out around the middle of the fingers, and the page does not scroll', async () => {
    const { page, touch } = await touchPage();
    const { x, y, width, height } = await boxOf(page.getByRole('application'));
    const [middleX, middleY] = [x + width / 2, y + height / 2];
    // One above the other and both moving up, like a scrolling finger.
    const apart = (distance: number): Fingers => [
      [middleX, middleY - distance],
      [middleX, middleY],
    ];
    const before = await scrolled(page);
    await touch.move([apart(80), apart(100), apart(120), apart(160)]);
    await touch.end();
    await expect.poll(() => zoomOf(page)).toHaveLength(4);
    const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = (await zoomOf(page)) ?? [];
    expect(await scrolled(page)).toBe(before);
    await page.getByRole('button', { name: 'Show everything' }).waitFor();
    // Back to the start: twice the shown range, that is, everything.
    await touch.move([apart(160), apart(120), apart(80)]);
    await touch.end();
    const widthNow = async () => {
      const [from = 0, to = 0] = (await zoomOf(page)) ?? [];
      return to - from;
    };
    await expect.poll(widthNow).toBeCloseTo(2 * (x1 - x0), 1);
    const [fromX = 0, toX = 0, fromY = 0, toY = 0] = (await zoomOf(page)) ?? [];
    expect((toY - fromY) / (y1 - y0)).toBeCloseTo(2, 3);
    // An axis that starts at 0 did so before the first pinch.
    expect(Math.abs(fromX) / toX).toBeLessThan(1e-3);
    expect(Math.abs(fromY) / toY).toBeLessThan(1e-3);
    expect(x0).toBeGreaterThan(0);
    expect(y0).toBeGreaterThan(0);
    // Lifting the fingers must not open a point.
    expect(await page.locator('article[data-point]').count()).toBe(0);
    await page.close();
  });

  test('one finger scrolls the page and does not zoom', async () => {
    const { page, touch } = await touchPage();
    const { x, y, width, height } = await boxOf(page.getByRole('application'));
    const before = await scrolled(page);
    const at = (moved: number): Fingers => [[x + width / 2, y + height / 2 - moved]];
    await touch.move([at(0), at(20), at(60), at(120)]);
    await touch.end();
    await expect.poll(() => scrolled(page)).toBeGreaterThan(before + 50);
    expect(await zoomOf(page)).toBeUndefined();
    // The values of the point under the finger must not make the page wider than the screen.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    // That finger must be forgotten when two others come.
    const box = await boxOf(page.getByRole('application'));
    const centre = [box.x + box.width / 2, box.y + box.height / 2] as const;
    const pair = (distance: number): Fingers => [
      [centre[0] - distance / 2, centre[1]],
      [centre[0] + distance / 2, centre[1]],
    ];
    await touch.move([pair(60), pair(90), pair(120)]);
    await touch.end();
    await expect.poll(() => zoomOf(page)).toHaveLength(4);
    await page.close();
  });
});

type Fingers = readonly (readonly [x: number, y: number])[];

/** Fingers on the screen, as the browser receives them from a device. */
class Touch {
  readonly #session: CDPSession;

  constructor(session: CDPSession) {
    this.#session = session;
  }

  /** Puts fingers down at the first positions and moves them through the others. */
  async move(through: readonly Fingers[]): Promise<void> {
    for (const [index, fingers] of through.entries())
      await this.#session.send('Input.dispatchTouchEvent', {
        type: index === 0 ? 'touchStart' : 'touchMove',
        touchPoints: fingers.map(([x, y], id) => ({ x, y, id })),
      });
  }

  async end(): Promise<void> {
    await this.#session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
}

async function boxOf(of: Locator) {
  const box = await of.boundingBox();
  if (box === null) throw new Error('it is not on the page');
  return box;
}
