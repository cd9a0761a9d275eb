import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hardwareDocument } from '../../src/server/documents/hardware.ts';
import { overviewDocument } from '../../src/server/documents/overview.ts';
import { reliabilityDocument } from '../../src/server/documents/reliability.ts';
import { sweepsDocument } from '../../src/server/documents/sweeps.ts';
import { best } from '../../src/server/questions/best.ts';
import { hasBrowser } from '../support/browser.ts';
import { hasPublicRows, ingestPublicRows, withoutPublicRows } from '../support/public-rows.ts';
import { TestSite } from './site.ts';

type Best = z.infer<typeof answerSchema>;
const answerSchema = best.answer as z.ZodType<{
  readonly rows: readonly {
    readonly hw: string;
    readonly tputPerGpu: number;
    readonly usdPerMillionTokens: number | null;
    readonly interactivity: number;
    readonly ttftMs: number | null;
    readonly points: readonly { readonly id: string; readonly conc: number }[];
    readonly verdict: string;
    readonly p99TtftMs: number | null;
    readonly usdPerGpuHour: number | null;
    readonly arrival: { readonly state: string; readonly gapMs?: number };
    readonly accuracy: { readonly state: string; readonly conc: number | null };
    readonly beyondTtft: { readonly tputPerGpu: number } | null;
  }[];
  readonly absent: readonly { readonly hw: string; readonly reason: string }[];
  readonly precisions: readonly string[];
}>;

/** Measured by the public project; all nine kinds of hardware have points for this workload. */
const everyHardware = ['b200', 'b300', 'gb200', 'gb300', 'h100', 'h200', 'mi300x', 'mi325x', 'mi355x'];

describe.skipIf(!hasBrowser || !hasPublicRows)(
  `the public rows (${withoutPublicRows}, or no chromium)`,
  () => {
    let site: TestSite;
    let page: Page;
    beforeAll(async () => {
      site = await TestSite.over(
        async (store, folder) => await ingestPublicRows(store, join(folder, 'artifacts')),
      );
      page = await site.page('');
      await page.setViewportSize({ width: 1440, height: 900 });
    });
    afterAll(() => site?.close());

    const ask = async (more: Readonly<Record<string, string | number>> = {}): Promise<Best> => {
      const query = new URLSearchParams({ model: 'dsr1', isl: '8192', osl: '1024', interactivity: '50' });
      for (const [name, value] of Object.entries(more)) query.set(name, String(value));
      return answerSchema.parse(await (await fetch(`${site.url}api/v1/best?${query}`)).json());
    };
    const byHardware = ({ rows }: Best) => new Map(rows.map((row) => [row.hw, row]));
    const show = async (hash: string) => {
      await page.goto('about:blank');
      await page.goto(`${site.url}${hash}`);
      await page.locator('main [data-hw], main [data-bar]').first().waitFor();
    };
    const tableOf = async (hash: string) => {
      await show(hash);
      const rows = await page
        .locator('tr[data-hw]')
        .evaluateAll((all) => all.map((one) => [one.dataset.hw, one.dataset.tput, one.dataset.usd]));
      return new Map(rows.map(([hw = '', tput, usd]) => [hw, { tput: Number(tput), usd: Number(usd) }]));
    };

    test('a reader finds the answer to "DeepSeek R1, 8k/1k, 50 tok/s per user, TTFT below 3 s" on the first screen', async () => {
      await page.goto(`${site.url}#/`);
      const question = page.getByRole('form', { name: 'The question' });
      await question.getByLabel('Model').selectOption({ label: 'DeepSeek R1 0528' });
      await question.getByLabel('Workload').selectOption({ label: '8k in / 1k out' });
      await question.getByLabel('tok/s per user', { exact: true }).fill('50');
      await question.getByLabel('First token').fill('3');
      const answer = page.locator('.answer');
      await expect.poll(() => answer.textContent()).toContain('the first token within 3\u00a0s');
      const [first] = (await ask({ ttft_ms: 3000 })).rows;
      const text = (await answer.textContent()) ?? '';
      expect(text).toContain('GB300 NVL72 serves the most');
      expect(text).toContain('per GPU (input and output tokens)');
      expect(text).toContain(`${Math.round(first?.tputPerGpu ?? 0).toLocaleString('en')}\u00a0tok/s per GPU`);
      // The first row of the table says the same, and both are visible without scrolling.
      const row = page.locator('tr[data-hw]').first();
      expect(await row.getAttribute('data-hw')).toBe('gb300');
      for (const place of [answer, row]) {
        const box = await place.boundingBox();
        expect((box?.y ?? 1e9) + (box?.height ?? 0)).toBeLessThan(900);
      }
      expect(await page.evaluate('scrollY')).toBe(0);
      // The URL contains the question.
      expect(new URL(page.url()).hash).toContain('speed=50');
      expect(new URL(page.url()).hash).toContain('ttft=3');
    });

    test.each([
      ['speed=30', { interactivity: 30 }],
      ['speed=50&ttft=3', { ttft_ms: 3000 }],
      ['speed=50&ttft=none', { ttft_ms: 'none' }],
      ['speed=50&allow=fp8', { precision: 'fp8' }],
      ['speed=50&allow=passed', { precision: 'passed' }],
      [
        'speed=75&stat=p99&payer=rental',
        { interactivity: 75, interactivity_statistic: 'p99', payer: 'rental' },
      ],
    ])('overview, cost and the API give the same figure: %s', async (choices, asked) => {
      const answer = byHardware(await ask(asked));
      const table = await tableOf(`#/?model=dsr1&shape=8192/1024&${choices}`);
      expect([...table.keys()].toSorted()).toEqual([...answer.keys()].toSorted());
      for (const [hw, { tput, usd }] of table) {
        expect(tput / (answer.get(hw)?.tputPerGpu ?? 0)).toBeCloseTo(1, 5);
        expect(usd / (answer.get(hw)?.usdPerMillionTokens ?? 0)).toBeCloseTo(1, 5);
      }
      await show(`#/cost?model=dsr1&shape=8192/1024&${choices}`);
      const costs = await page
        .locator('[data-bar]')
        .evaluateAll((all) =>
          all.map((one) => [one.getAttribute('data-bar'), one.getAttribute('data-value')]),
        );
      expect(costs).toHaveLength(table.size);
      for (const [hw, usd] of costs) expect(Number(usd) / (table.get(hw ?? '')?.usd ?? 0)).toBeCloseTo(1, 5);
    });

    test('an answer is one server, or between two concurrencies of one server', async () => {
      const answers = await Promise.all(
        [20, 50, 100].map(async (interactivity) => await ask({ interactivity })),
      );
      const measuredPoint = z.object({
        runId: z.string(),
        published: z.object({ series: z.object({ key: z.string() }), layout: z.string(), image: z.string() }),
      });
      let pairs = 0;
      for (const { points } of answers.flatMap(({ rows }) => rows)) {
        const [a, b] = await Promise.all(
          points.map(async ({ id }) =>
            measuredPoint.parse(await (await fetch(`${site.url}api/v1/points/${id}`)).json()),
          ),
        );
        if (a === undefined || b === undefined) continue;
        pairs++;
        expect(b.published).toEqual(a.published);
        // If the image is unknown, only points of the same run are sure to have the same one.
        if (a.published.image === 'unknown') expect(b.runId).toBe(a.runId);
      }
      expect(pairs).toBeGreaterThan(0);
    });

    test('asking for more never makes an answer cheaper, and dropped hardware is named with the reason', async () => {
      const ladder = [
        {},
        { interactivity_statistic: 'p90' },
        { interactivity_statistic: 'p99' },
        { interactivity_statistic: 'p99', ttft_ms: 3000 },
        { interactivity_statistic: 'p99', ttft_ms: 3000, ttft_statistic: 'p99' },
        { interactivity: 80, interactivity_statistic: 'p99', ttft_ms: 3000, ttft_statistic: 'p99' },
      ];
      let before: Best | undefined;
      for (const asked of ladder) {
        const answer = await ask(asked);
        const named = [...answer.rows, ...answer.absent].map(({ hw }) => hw);
        expect(named.toSorted()).toEqual(everyHardware);
        for (const { hw, usdPerMillionTokens: usd } of answer.rows) {
          const milder = before && byHardware(before).get(hw)?.usdPerMillionTokens;
          if (before !== undefined) expect(milder).toBeLessThanOrEqual((usd ?? 0) * (1 + 1e-9));
        }
        before = answer;
      }
      expect(before?.absent.length).toBeGreaterThan(0);
      await show('#/cost?model=dsr1&shape=8192/1024&speed=80&stat=p99&ttft=3&ttftof=p99');
      expect(await page.locator('[data-absent]').count()).toBe(before?.absent.length);
    });

    test('hardware excluded by a TTFT limit is named, and all answers meet the limit', async () => {
      const answer = await ask({ ttft_ms: 3000 });
      for (const { ttftMs, interactivity } of answer.rows) {
        expect(ttftMs ?? Number.NaN).toBeLessThanOrEqual(3000);
        expect(interactivity).toBeGreaterThanOrEqual(50);
      }
      const beyond = answer.rows.filter(({ beyondTtft }) => beyondTtft !== null);
      expect(beyond.length).toBeGreaterThan(0);
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      expect(await page.locator('[data-beyond]').count()).toBe(beyond.length);
    });

    test('mixed precisions are pointed out, and every value has its accuracy next to it', async () => {
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      expect(await page.locator('.beside').textContent()).toContain('The table mixes FP4 and FP8');
      expect(await page.locator('.beside').textContent()).toMatch(
        /from different times, \d+ \w+ \d{4} to \d+ \w+ \d{4}\./,
      );
      const { rows } = await ask({ ttft_ms: 3000 });
      const cells = await page.locator('td[data-label="Accuracy"]').allTextContents();
      expect(cells).toHaveLength(rows.length);
      expect(cells.filter((text) => text.includes('no score'))).toHaveLength(
        rows.filter(({ accuracy }) => accuracy.state === 'unknown').length,
      );
      expect((await ask({ precision: 'fp8' })).precisions).toEqual(['fp8']);
      const passed = await ask({ precision: 'passed' });
      expect(passed.rows.every(({ accuracy }) => accuracy.state === 'passed')).toBe(true);
    });

    test('history names the hardware without an answer', async () => {
      await page.goto(`${site.url}#/history?model=dsr1&shape=8192/1024&speed=60`);
      await page.locator('[data-line]').first().waitFor();
      const absent = await page
        .locator('[data-absent]')
        .evaluateAll((all) => all.map((one) => [one.dataset.absent, one.dataset.reason]));
      expect(absent).toEqual([
        ['mi300x', 'too-slow'],
        ['mi325x', 'too-slow'],
      ]);
    });

    test('history marks what was measured, dashes what is only carried forward, and lists no interpolation as a gain', async () => {
      await page.goto('about:blank');
      await page.goto(`${site.url}#/history?model=dsr1&shape=8192/1024&speed=60`);
      await page.locator('[data-line]').first().waitFor();
      const list = page.getByRole('region', { name: 'What changed the best results' });
      // Measured in February and never again, although the line reaches to the newest measurement of all hardware.
      const once = page.locator('[data-line="gb300"]');
      expect(await once.locator('[data-mark="measured"]').count()).toBe(1);
      for (const dash of await page
        .locator('[data-carried]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('stroke-dasharray'))))
        expect(dash).toBeTruthy();
      expect(await page.getByText('a hollow one is interpolated').count()).toBe(1);
      const marks = await page.locator('[data-mark]').count();
      expect(await page.locator('[data-mark="interpolated"]').count()).toBeLessThan(marks);
      const listed = await list
        .locator('li')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-listed')));
      expect(listed.length).toBeGreaterThan(5);
      expect(listed).not.toContain('interpolation');
      expect(
        Number(await list.locator('[data-interpolated]').getAttribute('data-interpolated')),
      ).toBeGreaterThan(0);
      // Every change has the date of both results.
      for (const text of await list.locator('li').allTextContents())
        expect(text).toMatch(/first result|\d{4}.*measured \d+ \w+ \d{4}/);
    });

    test('the accuracy page names the hardware and the servers without a score, and why', async () => {
      await page.goto('about:blank');
      await page.goto(`${site.url}#/accuracy?model=dsr1&shape=8192/1024`);
      await page.locator('[data-unscored]').first().waitFor();
      const named = await page
        .locator('[data-unscored]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-unscored')));
      expect(named).toEqual(['gb200', 'gb300', 'h100']);
      for (const text of await page.locator('[data-unscored]').allTextContents())
        expect(text).toContain('only other models were scored on it');
      // The hardware of the page and what it names are all that was measured.
      const scored = new Set((await ask()).rows.map(({ hw }) => hw));
      for (const hw of named) expect(scored).toContain(hw);
      const servers = page.locator('[data-servers-unscored]');
      await servers.locator('summary').click();
      expect(await servers.textContent()).toContain('GB300 NVL72: SGLang via Dynamo, FP4');
    });

    test('the hardware page and the list of runs have the same dates', async () => {
      const documentOf = async (name: string) => await (await fetch(`${site.url}data/${name}.json`)).json();
      const { measured } = hardwareDocument.parse(await documentOf('hardware'));
      const { runs } = sweepsDocument.parse(await documentOf('runs'));
      const newest = (hw: string, has: (run: (typeof runs)[number]) => boolean) =>
        runs.find((run) => run.hardware.includes(hw) && has(run))?.createdAt.slice(0, 10);
      expect(measured.map(({ hw }) => hw)).toEqual(everyHardware);
      for (const { hw, lastMeasuredAt, lastScoredAt } of measured) {
        expect(lastMeasuredAt?.slice(0, 10), hw).toBe(
          newest(hw, ({ onlyScored }) => !onlyScored.includes(hw)),
        );
        expect(lastScoredAt?.slice(0, 10), hw).toBe(newest(hw, ({ scores }) => scores > 0));
      }
      await page.goto(`${site.url}#/hardware`);
      const h100 = page.locator('.card', { hasText: 'Measured hardware' }).getByRole('row', { name: /H100/ });
      await h100.waitFor();
      expect(await h100.textContent()).toMatch(/13 Feb 2026.*13 Jun 2026/);
    });

    test('reliability compares hardware over one stated period, and weeks by their rate', async () => {
      const { periods, jobs } = reliabilityDocument.parse(
        await (await fetch(`${site.url}data/reliability.json`)).json(),
      );
      const quarter = periods.find(({ days }) => days === 90);
      await page.goto('about:blank');
      await page.goto(`${site.url}#/reliability`);
      await page.locator('[data-bar]').first().waitFor();
      expect(await page.locator('.page-head').textContent()).toContain('From 17 Mar 2026 to 14 Jun 2026');
      expect(await page.locator('[data-bar]').count()).toBe(quarter?.jobs.length);
      const h100 = quarter?.jobs.find(({ hw }) => hw === 'h100');
      const shown = Number(await page.locator('[data-bar="H100 SXM"]').getAttribute('data-value'));
      expect(shown).toBeCloseTo((h100?.succeeded ?? 0) / (h100?.ended ?? 1), 9);
      expect(shown).not.toBeCloseTo(5019 / 6805, 2);
      // Every bar is as tall as the others, however many jobs its week had.
      const heights = await page
        .locator('[data-period]')
        .evaluateAll((all) => all.map((one) => Math.round(one.getBBox().height)));
      expect(heights.length).toBeGreaterThan(30);
      expect(new Set(heights).size).toBe(1);
      const weeks = await page
        .locator('[data-period]')
        .evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-ended'))));
      expect(weeks.reduce((sum, count) => sum + count, 0)).toBe(
        jobs.byDay.reduce((sum, { ended }) => sum + ended, 0),
      );
      await page.getByLabel('Period of the rates').selectOption('all');
      await expect.poll(() => new URL(page.url()).hash).toContain('period=all');
      expect(await page.locator('.page-head').textContent()).toContain('From 29 Sept 2025 to 14 Jun 2026');
    });

    test('no table is cut off on a phone, whether it is shown or opened', async () => {
      const narrow = await site.page('', { viewport: { width: 390, height: 844 } });
      const [first] = (await ask({ ttft_ms: 3000 })).rows;
      const { runs } = sweepsDocument.parse(await (await fetch(`${site.url}data/runs.json`)).json());
      const measured = runs.find(({ measurements }) => measurements.unchecked > 5);
      for (const view of [
        'history?model=dsr1&shape=8192/1024&speed=60',
        'accuracy?model=dsr1',
        'reliability',
        'hardware',
        'runs',
        `runs/${measured?.key}`,
        `point/${first?.points[0]?.id}`,
      ]) {
        await narrow.goto('about:blank');
        await narrow.goto(`${site.url}#/${view}`);
        await narrow.locator('main table, main figure').first().waitFor();
        await narrow.waitForLoadState('networkidle');
        for (const button of await narrow.getByRole('button', { name: 'Table', exact: true }).all())
          await button.click();
        const tables = narrow.locator('.scroll:has(> table)');
        await tables.first().waitFor();
        const cut = await tables.evaluateAll((all) =>
          all.flatMap((one) =>
            one.scrollWidth > one.clientWidth + 1 ? [one.getAttribute('aria-label')] : [],
          ),
        );
        expect(cut, view).toEqual([]);
        expect(await narrow.evaluate('document.documentElement.scrollWidth'), view).toBe(390);
      }
      await narrow.close();
    });

    test('what changed is compared with the month before, not with a measurement of last year', async () => {
      const { changes, comparedWithinDays, olderBefore } = overviewDocument.parse(
        await (await fetch(`${site.url}data/overview.json`)).json(),
      );
      const days = changes.map(
        ({ before, after }) => (Date.parse(after.measuredAt) - Date.parse(before.measuredAt)) / 86_400_000,
      );
      expect(days.length).toBeGreaterThan(0);
      expect(Math.max(...days)).toBeLessThanOrEqual(comparedWithinDays);
      expect(olderBefore).toBeGreaterThan(0);
      await page.goto(`${site.url}#/`);
      const rule = page.locator('[data-older-before]');
      await rule.waitFor();
      expect(await page.locator('[data-change]').count()).toBe(days.length);
      expect(await rule.textContent()).toContain(`at most ${comparedWithinDays} days older`);
      expect(await rule.textContent()).toContain(`${olderBefore} point`);
    });

    test('a point whose server sends several tokens at a time explains its ITL', async () => {
      const [first] = (await ask({ ttft_ms: 3000 })).rows;
      await page.goto(`${site.url}#/point/${first?.points[0]?.id}`);
      const note = page.locator('[data-tokens-per-gap]');
      await note.waitFor();
      // Its accuracy and age are next to its speed.
      expect(await page.locator('[data-accuracy="unknown"]').textContent()).toContain('no score');
      expect(await page.locator('.page-head').textContent()).toMatch(/measured 3 Feb 2026 \(\d+ \w+ ago\)/);
      expect(await note.textContent()).toContain('about 249 tokens at a time');
      expect(await page.locator('[data-metric="medianInteractivity"]').textContent()).toContain(
        'tokens arrive in bursts: p99 gap 3.76\u00a0s',
      );
    });

    test('every answer says how its tokens arrive, and its p99 TTFT is next to the limited one', async () => {
      const { rows } = await ask({ ttft_ms: 3000 });
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      const shown = await page.locator('tr[data-hw]').evaluateAll((all) =>
        all.map((row) => ({
          hw: row.dataset.hw,
          arrival: row.querySelector('[data-arrival]')?.getAttribute('data-arrival'),
          said: row.querySelector('[data-arrival]')?.textContent,
          p99: Number(row.querySelector('[data-p99-ttft]')?.getAttribute('data-p99-ttft')),
          price: Number(row.querySelector('[data-price]')?.getAttribute('data-price')),
        })),
      );
      expect(shown.map(({ hw, arrival }) => [hw, arrival])).toEqual(
        rows.map(({ hw, arrival }) => [hw, arrival.state]),
      );
      expect(new Set(shown.map(({ arrival }) => arrival))).toEqual(new Set(['bursts', 'smooth']));
      for (const [index, { said, p99, price }] of shown.entries()) {
        expect(said).toMatch(/^tokens arrive (smoothly|in bursts): p99 gap [\d.]+\u00a0m?s$/);
        expect(p99 / (rows[index]?.p99TtftMs ?? Number.NaN)).toBeCloseTo(1, 5);
        expect(price).toBe(rows[index]?.usdPerGpuHour);
      }
      const sentence = await page.locator('p.answer').textContent();
      expect(sentence).toContain('or more for one request in a hundred (p99).');
      expect(sentence).toContain('It meets 50\u00a0tok/s only on average: tokens arrive in bursts');
      expect(await page.locator('[data-prices]').textContent()).toMatch(/August 2026.*source: /);
    });

    test('asked for smooth arrival, the ranking has no bursts, and names the hardware that has no other answer', async () => {
      const smooth = await ask({ ttft_ms: 3000, arrival: 'smooth' });
      expect(new Set(smooth.rows.map(({ arrival }) => arrival.state))).toEqual(new Set(['smooth']));
      expect([...smooth.rows, ...smooth.absent].map(({ hw }) => hw).toSorted()).toEqual(everyHardware);
      const any = byHardware(await ask({ ttft_ms: 3000 }));
      for (const { hw, tputPerGpu } of smooth.rows)
        expect(tputPerGpu).toBeLessThanOrEqual((any.get(hw)?.tputPerGpu ?? 0) * (1 + 1e-9));
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3&arrival=smooth');
      const answer = page.locator('p.answer');
      await expect.poll(() => answer.textContent()).toContain('smooth arrival of tokens');
      expect(await answer.textContent()).not.toContain('bursts');
      const named = await page.locator('tr[data-hw]').evaluateAll((all) => all.map((row) => row.dataset.hw));
      expect(named).toEqual(smooth.rows.map(({ hw }) => hw));
    });

    test('an answer between two concurrencies has neighbours at most 4 times apart, and no more digits than are known', async () => {
      const answers = await Promise.all(
        [20, 50, 100, 150].map(async (interactivity) => await ask({ interactivity })),
      );
      const pairs = answers.flatMap(({ rows }) => rows).filter(({ points }) => points.length === 2);
      expect(pairs.length).toBeGreaterThan(0);
      for (const { points } of pairs)
        expect((points[1]?.conc ?? Number.NaN) / (points[0]?.conc ?? Number.NaN)).toBeLessThanOrEqual(4);
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      const figures = await page
        .locator('tr[data-hw] td')
        .evaluateAll((all) => all.flatMap((cell) => cell.textContent?.match(/≈\u00a0\$?[\d,.]+/g) ?? []));
      expect(figures.length).toBeGreaterThan(5);
      for (const figure of figures) {
        const digits = figure.replaceAll(/[^\d.]/g, '').replace(/^0?\.?0*/, '');
        expect(digits.replace('.', '').replace(/0+$/, '').length, figure).toBeLessThanOrEqual(2);
      }
    });

    test('no value is missing in a chart: each answer is drawn at the speed, or counted', async () => {
      for (const question of ['speed=50&ttft=3', 'speed=60', 'speed=30', 'speed=100', '']) {
        for (const view of ['', 'explore']) {
          await page.goto('about:blank');
          await page.goto(`${site.url}#/${view}?model=dsr1&shape=8192/1024&${question}`);
          await page.locator('[data-read]').first().waitFor({ state: 'attached' });
          const drawn = page.locator('svg:not(.swatch) [data-read]');
          const expected =
            view === ''
              ? await page.locator('tr[data-hw]').count()
              : await page.locator('[data-value]').filter({ hasNotText: 'not reached' }).count();
          expect(expected).toBeGreaterThan(3);
          await expect.poll(() => drawn.count(), { message: `${view} ${question}` }).toBe(expected);
        }
      }
    });

    test('views share the default question, and a question that was asked', async () => {
      for (const [asked, speed, ttft] of [
        ['', '60', '5'],
        ['&speed=42&ttft=2.5', '42', '2.5'],
      ]) {
        await page.goto('about:blank');
        await page.goto(`${site.url}#/?model=dsr1&shape=8192/1024${asked}`);
        for (const view of ['Explore', 'Cost', 'History', 'Hardware', 'Overview']) {
          await page.locator('header').getByRole('link', { name: view, exact: true }).click();
          await page.locator('main h1').first().waitFor();
          // A view without the question keeps it for the next one.
          if (view === 'Hardware') continue;
          const question = page.getByRole('form', { name: 'The question' });
          await expect
            .poll(() => question.getByLabel('tok/s per user', { exact: true }).inputValue(), {
              message: view,
            })
            .toBe(speed);
          expect(await question.getByLabel('First token').inputValue(), view).toBe(ttft);
        }
      }
    });

    test('a score at another concurrency than the answer’s says so', async () => {
      const { rows } = await ask({ ttft_ms: 3000 });
      const elsewhere = rows.flatMap(({ hw, accuracy: { conc }, points }) =>
        conc === null || points.some((point) => point.conc === conc) ? [] : [[hw, String(conc)]],
      );
      expect(elsewhere.length).toBeGreaterThan(0);
      await show('#/?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      const said = await page
        .locator('tr[data-hw]:has([data-scored-at])')
        .evaluateAll((all) =>
          all.map((row) => [
            row.dataset.hw,
            row.querySelector('[data-scored-at]')?.getAttribute('data-scored-at'),
          ]),
        );
      expect(said).toEqual(elsewhere);
      expect(await page.locator('[data-note="unchecked"]').textContent()).toContain(
        'Accuracy is a separate check',
      );
    });

    test('a band, not a whisker, is the span of an interpolated cost', async () => {
      const { rows } = await ask({ ttft_ms: 3000 });
      const between = rows.filter(({ points }) => points.length === 2).map(({ hw }) => hw);
      await show('#/cost?model=dsr1&shape=8192/1024&speed=50&ttft=3');
      const bands = await page
        .locator('[data-band]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-band') ?? ''));
      expect(bands.toSorted()).toEqual(between.toSorted());
      expect(await page.locator('[data-whisker]').count()).toBe(0);
      expect(await page.locator('figure figcaption').textContent()).toContain(
        'Bands reach to the two measured',
      );
    });

    test('an interpolated answer has ≈ wherever it is shown, and a measured one nowhere', async () => {
      const { rows } = await ask({ ttft_ms: 3000 });
      const between = rows.filter(({ points }) => points.length > 1).map(({ hw }) => hw);
      const measured = rows.filter(({ points }) => points.length === 1).map(({ hw }) => hw);
      const question = 'model=dsr1&shape=8192/1024&speed=50&ttft=3';
      const marked = async (attribute: string) =>
        new Map(
          await page
            .locator(`[${attribute}]`)
            .evaluateAll(
              (all, name) =>
                all.map((one) => [one.getAttribute(name), one.textContent?.includes('≈')] as const),
              attribute,
            ),
        );
      for (const [view, attribute] of [
        ['', 'data-read'],
        ['explore', 'data-value'],
        ['cost', 'data-label'],
        ['history', 'data-label'],
      ] as const) {
        await page.goto('about:blank');
        await page.goto(`${site.url}#/${view}?${question}`);
        await page.locator(`[${attribute}]`).first().waitFor({ state: 'attached' });
        const seen = await marked(attribute);
        for (const hw of between) expect(seen.get(hw), `${view} ${hw}`).toBe(true);
        for (const hw of measured) expect(seen.get(hw), `${view} ${hw}`).toBe(false);
      }
    });

    test('on a narrow screen, the chart of Explore has the full width, and its values are in the legend', async () => {
      const narrow = await site.page('#/explore?model=dsr1&shape=8192/1024&speed=50&ttft=3', {
        viewport: { width: 390, height: 844 },
      });
      await narrow.locator('[data-level]').waitFor({ state: 'attached' });
      expect(await narrow.locator('[data-label], [data-read]').count()).toBe(0);
      const chart = await narrow.locator('.frontier-chart').boundingBox();
      expect(chart?.width).toBeGreaterThan(320);
      const listed = new Map(
        await narrow
          .locator('[data-value]')
          .evaluateAll((all) => all.map((one) => [one.dataset.value, one.textContent] as const)),
      );
      const answer = byHardware(await ask({ ttft_ms: 3000 }));
      expect(listed.size).toBe(everyHardware.length);
      for (const [hw, text] of listed) {
        const { tputPerGpu = Number.NaN, points = [] } = answer.get(hw ?? '') ?? {};
        const known = points.length === 1 ? tputPerGpu : Number(tputPerGpu.toPrecision(2));
        expect(Number(text?.replaceAll(/[,≈\s]/g, '')) / known).toBeCloseTo(1, 2);
      }
      await narrow.close();
    });

    test.each([390, 1024, 1440])('no choice is cut off at %i px', async (width) => {
      const narrow = await site.page('', { viewport: { width, height: 900 } });
      const cut: string[] = [];
      for (const view of ['explore', 'cost', 'history', 'accuracy', 'runs', '']) {
        await narrow.goto('about:blank');
        await narrow.goto(`${site.url}#/${view}?model=dsr1&shape=8192/1024&speed=50`);
        await narrow.locator('main select, main [data-hw]').first().waitFor({ state: 'attached' });
        cut.push(
          ...(await narrow.locator('select').evaluateAll(
            (all, [where, screen]) =>
              all.flatMap((select) => {
                for (let part = select.closest('details'); part; part = part.parentElement.closest('details'))
                  part.open = true;
                const { width: shown } = select.getBoundingClientRect();
                select.style.cssText = 'width: max-content; max-width: none; position: absolute';
                const { width: needed } = select.getBoundingClientRect();
                select.style.cssText = '';
                // A name that is longer than the screen is only in the opened list.
                return needed > shown + 1 && needed < screen
                  ? [`${where}: ${select.closest('label')?.textContent?.slice(0, 40)}, ${shown} of ${needed}`]
                  : [];
              }),
            [view, width] as const,
          )),
        );
      }
      expect(cut).toEqual([]);
      await narrow.close();
    });

    test('a view has the parts of the question that it depends on, and no question if it depends on none', async () => {
      const fields = async (view: string) => {
        await page.goto('about:blank');
        await page.goto(`${site.url}#/${view}?model=dsr1&shape=8192/1024&speed=50`);
        await page.locator('main h1').first().waitFor();
        const labels = page.locator('.question-fields .field > :first-child');
        return (await labels.allTextContents()).map((text) => text.trim());
      };
      const limits = ['of users', 'First token, s', 'of requests', 'Arrival', 'Precision'];
      const asked = ['Model', 'Workload, tokens', 'tok/s per user', ...limits];
      for (const view of ['', 'cost']) expect(await fields(view), view).toEqual([...asked, 'Prices']);
      for (const view of ['explore', 'history']) expect(await fields(view), view).toEqual(asked);
      const [first] = (await ask()).rows;
      expect(await fields(`point/${first?.points[0]?.id}`)).toEqual(limits);
      expect(await page.locator('.question summary').textContent()).toContain(
        'Limits of “Place on the frontier”',
      );
      for (const view of ['reliability', 'accuracy', 'hardware', 'runs']) {
        expect(await fields(view), view).toEqual([]);
        expect(await page.locator('.question').count(), view).toBe(0);
      }
    });

    test('rows without raw results are unchecked, and nothing is amber', async () => {
      expect(new Set((await ask()).rows.map(({ verdict }) => verdict))).toEqual(new Set(['unchecked']));
      await show('#/?model=dsr1&shape=8192/1024&speed=50');
      expect(await page.locator('main .badge', { hasText: 'unchecked' }).count()).toBe(9);
      expect(await page.locator('main .warn').count()).toBe(0);
    });

    test('intervals of accuracies are Wilson’s: inside 0 to 100 %, and inside the plot', async () => {
      await page.goto(`${site.url}#/accuracy?model=dsr1`);
      await page.locator('[data-whisker]').first().waitFor();
      const places = await page.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: this runs in the browser, whose types this project of Node lacks.
        const { document } = globalThis as any;
        const grid = [...document.querySelectorAll('figure svg line')].map(
          (one) => one.getBoundingClientRect().left,
        );
        const labels = document.querySelector('figure svg').getBoundingClientRect();
        return [...document.querySelectorAll('[data-whisker]')].map((one) => {
          const { left, right } = one.getBoundingClientRect();
          return { left: left - labels.left, right: labels.right - right, grid: grid.length };
        });
      });
      for (const { left, right } of places) {
        expect(left).toBeGreaterThan(10);
        expect(right).toBeGreaterThan(0);
      }
    });

    test.each([390, 1024])('no text of a chart is cut on a screen of %i px', async (width) => {
      const narrow = await site.page('', { viewport: { width, height: 4000 } });
      const cut = async (hash: string, drawn: string) => {
        await narrow.goto('about:blank');
        await narrow.goto(`${site.url}${hash}`);
        await narrow.locator(`figure svg ${drawn}`).first().waitFor();
        return await narrow.evaluate<
          readonly string[]
        >(`[...document.querySelectorAll('figure svg')].flatMap((svg) => {
          const room = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter((text) => {
            const { left, right } = text.getBoundingClientRect();
            return left < room.left - 2 || right > room.right + 2;
          }).map(({ textContent }) => textContent);
        })`);
      };
      expect(await cut('#/?model=dsr1&shape=8192/1024', '[data-label]')).toEqual([]);
      expect(await cut('#/explore?model=dsr1&shape=8192/1024', 'text')).toEqual([]);
      expect(await cut('#/accuracy?model=dsr1', '[data-bar]')).toEqual([]);
      await narrow.close();
    });
  },
);
