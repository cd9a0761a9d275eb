import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openStore } from '../src/store/index.ts';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { onOneCpu } from './support/one-cpu.ts';
import { runProduct, TestProduct, tinyConfig } from './support/product.ts';

/** The parts of a raw result that the load generator counted itself. */
const rawSchema = z.looseObject({
  num_prompts: z.int(),
  completed: z.int(),
  max_concurrency: z.int(),
  duration: z.number(),
  total_input_tokens: z.int(),
  total_output_tokens: z.int(),
  chunks: z.int(),
  median_ttft_ms: z.number(),
  median_tpot_ms: z.number(),
  median_e2el_ms: z.number(),
  fidelity: z.looseObject({
    verdict: z.string(),
    prompt_token_mismatches: z.int(),
    output_length_mismatches: z.int(),
  }),
});
const telemetrySchema = z.looseObject({
  window_s: z.number(),
  engine: z.looseObject({ generation_throughput: z.number() }),
});
const rowSchema = z.looseObject({
  hw: z.string(),
  framework: z.string(),
  isl: z.int(),
  osl: z.int(),
  conc: z.int(),
  tp: z.int(),
  tput_per_gpu: z.number(),
  output_tput_per_gpu: z.number(),
  input_tput_per_gpu: z.number(),
  median_ttft: z.number(),
  median_intvty: z.number(),
  median_e2el: z.number(),
});
type Row = z.infer<typeof rowSchema>;

let folder: string;
let product: TestProduct;
let runDirectory: string;
let exitCode: number | null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quickstart-'));
  await writeFile(join(folder, 'master.yaml'), tinyConfig());
  await mkdir(join(folder, 'runners'));
  await writeFile(join(folder, 'runners', 'cpu.yaml'), `launcher: local\n${await onOneCpu()}`);
  const port = String(await freePort());
  const few = ['--eval-limit', '2', '--port', port, '--json'];
  product = new TestProduct(['quickstart', '--config-files', 'master.yaml', ...few], {
    cwd: folder,
  });
  exitCode = await product.exited;
  const [sweep] = await readdir(join(folder, '.inferencemax', 'runs'));
  runDirectory = join(folder, '.inferencemax', 'runs', sweep ?? '');
});
afterAll(async () => {
  // Only if it is still running because something above took too long.
  product.child.kill('SIGTERM');
  await product.exited;
  await rm(folder, { recursive: true, force: true });
});

async function results<Schema extends z.ZodType>(kind: 'raw' | 'agg', schema: Schema) {
  const names = (await readdir(join(runDirectory, kind))).toSorted();
  return await Promise.all(
    names.map(async (name) =>
      schema.parse(JSON.parse(await readFile(join(runDirectory, kind, name), 'utf8'))),
    ),
  );
}

describe('quickstart, with the real engine and the real weights', () => {
  test('measures every point of the config with one engine start', () => {
    expect(exitCode, product.stderr).toBe(0);
    const happened = (type: string) => product.events.filter((event) => event.type === type);
    expect(happened('engine-starting')).toHaveLength(1);
    expect(happened('point-finished')).toHaveLength(3);
    expect(happened('point-failed')).toEqual([]);
  });

  test('the engine generated the requested tokens, and the client counted them exactly', async () => {
    const shapes = [
      { isl: 16, osl: 24, conc: 2 },
      { isl: 32, osl: 16, conc: 1 },
      { isl: 32, osl: 16, conc: 2 },
    ];
    const raws = await results('raw', rawSchema);
    expect(raws).toHaveLength(shapes.length);
    for (const [index, { isl, osl, conc }] of shapes.entries()) {
      const raw = raws[index] ?? rawSchema.parse(undefined);
      expect(raw).toMatchObject({ num_prompts: 10 * conc, completed: 10 * conc, max_concurrency: conc });
      expect(raw.fidelity).toMatchObject({ prompt_token_mismatches: 0, output_length_mismatches: 0 });
      for (const [tokens, asked] of [
        [raw.total_input_tokens, isl],
        [raw.total_output_tokens, osl],
      ] as const) {
        expect(tokens).toBeGreaterThanOrEqual(Math.floor(0.8 * asked) * raw.completed);
        expect(tokens).toBeLessThanOrEqual(asked * raw.completed);
      }
      expect(raw.median_e2el_ms).toBeGreaterThan(raw.median_ttft_ms);
      // A reply cannot be faster than sequential requests at this concurrency allow.
      expect(raw.duration * 1000).toBeGreaterThan((raw.completed / conc) * raw.median_tpot_ms * 0.5 * osl);
    }
  });

  test('rows have per-accelerator values, seconds, and tokens per user', async () => {
    const [raws, rows] = [await results('raw', rawSchema), await results('agg', rowSchema)];
    expect(rows.map(({ isl, osl, conc }) => `${isl}/${osl} ${conc}`)).toEqual([
      '16/24 2',
      '32/16 1',
      '32/16 2',
    ]);
    for (const [index, row] of rows.entries()) {
      const raw = raws[index] ?? rawSchema.parse(undefined);
      expect(row).toMatchObject({ hw: 'cpu', framework: 'llama.cpp', tp: 1 });
      expect(row.tput_per_gpu).toBeCloseTo(
        (raw.total_input_tokens + raw.total_output_tokens) / raw.duration / row.tp,
        6,
      );
      expect(row.output_tput_per_gpu).toBeCloseTo(raw.total_output_tokens / raw.duration / row.tp, 6);
      expect(row.input_tput_per_gpu).toBeCloseTo(raw.total_input_tokens / raw.duration / row.tp, 6);
      expect(row.median_ttft).toBeCloseTo(raw.median_ttft_ms / 1000, 9);
      expect(row.median_intvty).toBeCloseTo(1000 / raw.median_tpot_ms, 9);
      expect(row.median_e2el).toBeCloseTo(raw.median_e2el_ms / 1000, 9);
    }
  });

  test('the summary on stdout, the store and the results agree', async () => {
    const rows = await results('agg', rowSchema);
    const printed = z
      .object({ rows: z.array(rowSchema), finished: z.int() })
      .parse(JSON.parse(product.stdout));
    expect(printed.rows).toEqual(rows);
    const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'));
    const stored = await store.latestPoints();
    await store.close();
    const order = (row: Row) => [row.isl, row.osl, row.conc].join('/');
    const kept = stored
      .map(({ row }) => rowSchema.parse(row))
      .toSorted((a, b) => order(a).localeCompare(order(b)));
    expect(kept).toEqual(rows.toSorted((a, b) => order(a).localeCompare(order(b))));
  });

  test('every point has its telemetry, and the session’s answers were checked', async () => {
    for (const raw of await results('raw', rawSchema.extend({ telemetry: telemetrySchema }))) {
      expect(raw.telemetry.window_s).toBeCloseTo(raw.duration, 2);
      // The engine's own count equals the client's, except for the gaps between readings at both ends.
      expect(raw.telemetry.engine.generation_throughput * raw.duration).toBeGreaterThan(
        0.5 * raw.total_output_tokens,
      );
    }
    const checks = product.events.filter(({ type }) => type === 'check-finished');
    expect(checks.map(({ task }) => task)).toEqual(['recall', 'agreement']);
    const evals = await readdir(join(runDirectory, 'evals'));
    expect(evals).toHaveLength(2);
  });

  test('summarize prints the same rows as a table', async () => {
    const { code, stdout } = await runProduct(['results', 'summarize', join(runDirectory, 'agg')], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('## Single-Node Results');
    expect(stdout.split('\n').filter((line) => line.includes('LLAMA.CPP'))).toHaveLength(3);
  });

  test('a second quickstart measures again and does not touch finished results', async () => {
    const before = await readFile(join(runDirectory, 'journal.jsonl'), 'utf8');
    const again = new TestProduct(
      [
        'quickstart',
        '--config-files',
        'master.yaml',
        '--no-evals',
        '--port',
        String(await freePort()),
        '--json',
      ],
      {
        cwd: folder,
      },
    );
    const started = await again.event(({ type }) => type === 'sweep-started');
    expect(started).toMatchObject({ resumed: false, pointsLeft: 3 });
    again.child.kill('SIGINT');
    expect(await again.exited).toBe(130);
    expect(await readFile(join(runDirectory, 'journal.jsonl'), 'utf8')).toBe(before);
  });
});

describe.skipIf(!hasBrowser)('its pages in a real browser (skipped: no chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  /** For each workload of the question: the points in the table by concurrency, and the number of frontiers. */
  async function look(url: string) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    const seen: Record<string, { points: { conc: number; tput: number }[]; lines: number }> = {};
    await page.goto(`${url}#/explore`);
    const shapes = page.getByRole('form', { name: 'The question' }).getByLabel('Workload, tokens');
    await shapes.waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.locator('tr[data-row]').first().waitFor();
    for (const shape of await shapes
      .locator('option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value')))) {
      if (shape === null) continue;
      await shapes.selectOption(shape);
      await page.locator(`[data-shown="${shape}"]`).waitFor();
      const cells = await page
        .locator('tr[data-row]')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.children].map((cell) => cell.getAttribute('title'))),
        );
      seen[shape] = {
        points: cells
          .map((row) => ({ conc: Number(row[1]), tput: Number(row[4]) }))
          .toSorted((one, other) => one.conc - other.conc),
        lines: await page.locator('[data-frontier]').count(),
      };
    }
    await page.close();
    return { seen, problems };
  }

  /** Chart values have seven digits. */
  function expected(rows: readonly Row[], isl: number) {
    const points = rows
      .filter((row) => row.isl === isl)
      .map((row) => ({ conc: row.conc, tput: Number(row.tput_per_gpu.toPrecision(7)) }));
    return { points, lines: 1 };
  }

  test('the report opens from disk and shows every point', async () => {
    const rows = await results('agg', rowSchema);
    const { seen, problems } = await look(`file://${join(runDirectory, 'report.html')}`);
    expect(problems).toEqual([]);
    expect(seen).toEqual({ '16/24': expected(rows, 16), '32/16': expected(rows, 32) });
  });

  test('serve shows the same from the store', async () => {
    const rows = await results('agg', rowSchema);
    const serving = new TestProduct(['serve', '--port', '0', '--json'], { cwd: folder });
    try {
      const url = await new Promise<string>((resolve, reject) => {
        serving.child.stdout?.on('data', () =>
          resolve(z.object({ url: z.string() }).parse(JSON.parse(serving.stdout)).url),
        );
        void serving.exited.then(() => reject(new Error(serving.stderr)));
      });
      const { seen, problems } = await look(url);
      expect(problems).toEqual([]);
      expect(seen).toEqual({ '16/24': expected(rows, 16), '32/16': expected(rows, 32) });
    } finally {
      serving.child.kill('SIGTERM');
    }
    expect(await serving.exited).toBe(0);
  });
});
