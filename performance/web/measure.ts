import type { CDPSession, Page } from 'playwright-core';

/** Milliseconds from the start of the navigation to the first frame that contains the selected element. */
export async function firstChart(page: Page, url: string, selector: string): Promise<number> {
  await page.addInitScript(`
    globalThis.firstChart = new Promise((resolve) => {
      const look = () => {
        if (document.querySelector(${JSON.stringify(selector)}) === null) requestAnimationFrame(look);
        // The frame that draws it ends before a message that was sent in it arrives.
        else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
      };
      requestAnimationFrame(look);
    });`);
  await page.goto(url);
  return Number(await page.evaluate('globalThis.firstChart'));
}

export interface Interaction {
  readonly name: string;
  readonly ms: readonly number[];
  /** CPU time of the page's main thread, which other work on the machine does not lengthen. */
  readonly cpuMs: readonly number[];
}

/** CPU time that the page's main thread has used so far, milliseconds. */
export async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}

/**
 * Measures the time from each kind of input to the next frame, as reported by the browser's event timing (in steps of 8
 * ms), and the CPU time of the main thread until everything that the input caused is drawn.
 */
export async function interactions(page: Page, session: CDPSession, rounds: number): Promise<Interaction[]> {
  await page.evaluate(`
    globalThis.events = [];
    new PerformanceObserver((list) => globalThis.events.push(...list.getEntries().map(({ name, duration }) => [name, duration])))
      .observe({ type: 'event', durationThreshold: 16 });`);
  const chart = await page.getByRole('application').boundingBox();
  if (chart === null) throw new Error('there is no chart');
  const hover = async () => {
    for (let step = 0; step < 40; step++) {
      await page.mouse.move(chart.x + 80 + step * 15, chart.y + 90 + step * 8);
    }
  };
  const filter = async () => {
    const boxes = page.getByRole('group', { name: 'Hardware' }).getByRole('checkbox');
    await boxes.nth(1).click();
  };
  const hide = async () => await page.locator('.legend button').first().click();
  const zoom = async () => await page.getByRole('button', { name: 'Zoom in' }).click();
  const highlight = async () => {
    await page.locator('.legend button').nth(1).hover();
    await page.locator('.legend button').nth(2).hover();
  };
  const kinds = { hover, highlight, filter, 'hide a series': hide, zoom };
  const measured: Interaction[] = [];
  for (const [name, act] of Object.entries(kinds)) {
    const ms: number[] = [];
    const cpuMs: number[] = [];
    for (let round = 0; round < 2 * rounds; round++) {
      await page.evaluate('globalThis.events.length = 0');
      const before = await busyMs(session);
      await act();
      await settled(page);
      cpuMs.push((await busyMs(session)) - before);
      // Events below the threshold are not reported.
      ms.push(
        Number(await page.evaluate('Math.max(16, ...globalThis.events.map(([, duration]) => duration))')),
      );
    }
    measured.push({ name, ms, cpuMs });
  }
  return measured;
}

/** Waits two frames: by then, everything that an input caused has been drawn and reported. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50))))',
  );
}
