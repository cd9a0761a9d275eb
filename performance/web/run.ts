import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { z } from 'zod';
import { openStore } from '../../src/store/index.ts';
import { openBrowser } from '../../test/support/browser.ts';
import { TestProduct } from '../../test/support/product.ts';
import { somePoint } from '../../test/support/synthetic-results.ts';
import { writtenSweeps } from '../store/generate.ts';
import { busyMs, firstChart, interactions } from './measure.ts';
import { writeWideShape } from './wide-shape.ts';

/** `node performance/web/run.ts`: measures the dashboard over a large store against its targets. */
const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '100000' },
    drawn: { type: 'string', default: '5000' },
    slowdown: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
});
const [points, drawn, slowdown, rounds] = [values.points, values.drawn, values.slowdown, values.rounds].map(
  Number,
);
if (points === undefined || drawn === undefined || slowdown === undefined || rounds === undefined)
  throw new Error('--points, --drawn, --slowdown and --rounds are numbers');

const folder = await mkdtemp(join(tmpdir(), 'bench-web-'));
try {
  const startMs = performance.now();
  await fill(join(folder, '.inferencemax', 'store.sqlite'));
  note(
    `${points} generated points, and ${drawn} of one shape, taken in within ${seconds(performance.now() - startMs)}`,
  );
  const server = new TestProduct(['serve', '--port', '0', '--json', '--rate', '10000'], { cwd: folder });
  // Request it at once: if the server were ready before anyone listens, the wait would never end.
  const ready = urlOf(server);
  const browser = await openBrowser();
  try {
    await measure(browser, await ready);
  } finally {
    await browser.close();
    server.child.kill('SIGTERM');
    await server.exited;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function fill(location: string): Promise<void> {
  const store = await openStore(location);
  try {
    for await (const file of writtenSweeps(folder, points ?? 0)) await store.ingest(file);
    const wide = join(folder, 'wide');
    await writeWideShape(wide, { ...somePoint, modelPrefix: 'wide' }, drawn ?? 0);
    await store.ingest(wide);
  } finally {
    await store.close();
  }
}

async function measure(browser: Browser, url: string): Promise<void> {
  const first: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < (rounds ?? 1); round++) {
    const [page, session] = await throttled(browser);
    const ms = await firstChart(
      page,
      `${url}#/`,
      '[data-shape] svg path[data-level], [data-shape] [data-line]',
    );
    if (round === 0) report('first chart, the server’s first answer included', ms, undefined);
    else first.push(ms);
    busy.push(await busyMs(session));
    await session.detach();
    await page.close();
  }
  report(`first chart, CPU ${slowdown}× slower`, median(first), 1000);
  // CPU time includes the artificial slow-down, but not delays due to other work on the machine.
  report('… of it CPU time of the page’s main thread', median(busy), 1000);
  const exploring: number[] = [];
  for (let round = 0; round < (rounds ?? 1); round++) {
    const [page] = await throttled(browser);
    exploring.push(await firstChart(page, `${url}#/explore?model=wide&precision=all`, '[data-frontier]'));
    await page.close();
  }
  report(`explore with ${drawn} points, CPU ${slowdown}× slower`, median(exploring), undefined);

  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${url}#/explore?model=wide&precision=all`);
  await page.locator('[data-frontier]').first().waitFor();
  note(`drawn: ${await page.getByTestId('summary').textContent()}`);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  for (const { name, ms, cpuMs } of await interactions(page, session, rounds ?? 1)) {
    report(name, median(ms), 50);
    report('… CPU time of the page’s main thread', median(cpuMs), undefined);
  }
  const [load = Number.NaN] = loadavg();
  note(
    `load of the machine in the last minute: ${load.toFixed(1)} on ${availableParallelism()} CPUs; above ${availableParallelism()}, only the CPU times are comparable`,
  );
  await page.close();
}

async function throttled(browser: Browser): Promise<[Page, CDPSession]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown ?? 1 });
  return [page, session];
}

async function urlOf(server: TestProduct): Promise<string> {
  return await new Promise((resolve, reject) => {
    server.child.stdout?.once('data', () =>
      resolve(z.object({ url: z.string() }).parse(JSON.parse(server.stdout)).url),
    );
    void server.exited.then(() => reject(new Error(server.stderr)));
  });
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

function report(name: string, ms: number, target: number | undefined): void {
  const verdict =
    target === undefined ? '' : ms <= target ? `  (at most ${target}: pass)` : `  (at most ${target}: MISS)`;
  process.stdout.write(`${name.padEnd(58)} ${ms.toFixed(0).padStart(6)} ms${verdict}\n`);
}

function note(text: string): void {
  process.stdout.write(`${text}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
