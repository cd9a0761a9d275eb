import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { type AggregateRow, aggregateRowSchema } from '../../src/results/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { openBrowser } from '../support/browser.ts';
import { TestProduct } from '../support/product.ts';
import { resultFilename, type SyntheticPoint, somePoint } from '../support/synthetic-results.ts';
import { type SyntheticSweep, writeSweepFiles } from '../support/synthetic-sweep.ts';

/** A store filled by the real ingest from run directories, served by the real server, opened in a real browser. */
export class TestSite {
  readonly #folder: string;
  readonly #server: TestProduct;
  readonly browser: Browser;
  readonly url: string;

  private constructor(folder: string, server: TestProduct, browser: Browser, url: string) {
    this.#folder = folder;
    this.#server = server;
    this.browser = browser;
    this.url = url;
  }

  static async open(runs: readonly SyntheticSweep[]): Promise<TestSite> {
    return await TestSite.over(async (store, folder) => {
      for (const run of runs) {
        const directory = join(folder, '.inferencemax', 'runs', run.sweepId);
        await writeSweepFiles(directory, run);
        await mkdir(join(directory, 'evals'));
        await writeFile(join(directory, 'evals', 'gsm8k.json'), JSON.stringify(scoresOf(run)));
        await store.ingestRun(directory);
      }
    });
  }

  /** A site over a store that `fill` fills. */
  static async over(fill: (store: Store, folder: string) => Promise<void>): Promise<TestSite> {
    const folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'));
    await fill(store, folder);
    await store.close();
    const server = new TestProduct(['serve', '--port', '0', '--json'], { cwd: folder });
    const url = await new Promise<string>((resolve, reject) => {
      server.child.stdout?.once('data', () =>
        resolve(z.object({ url: z.string() }).parse(JSON.parse(server.stdout)).url),
      );
      void server.exited.then(() => reject(new Error(server.stderr)));
    });
    return new TestSite(folder, server, await openBrowser(), url);
  }

  /** Opens a page at a URL hash such as `#/explore`; an error in the page fails the waiting test. */
  async page(hash: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await this.browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(`${this.url}${hash}`);
    return page;
  }

  /** The rows of a run, from the run directory. */
  async rows(run: SyntheticSweep): Promise<AggregateRow[]> {
    const agg = join(this.#folder, '.inferencemax', 'runs', run.sweepId, 'agg');
    const names = (await readdir(agg)).toSorted();
    return await Promise.all(
      names.map(async (name) =>
        aggregateRowSchema.parse(JSON.parse(await readFile(join(agg, name), 'utf8'))),
      ),
    );
  }

  async row(run: SyntheticSweep, point: SyntheticPoint): Promise<AggregateRow> {
    const file = join('.inferencemax', 'runs', run.sweepId, 'agg', `agg_${resultFilename(point)}.json`);
    return aggregateRowSchema.parse(JSON.parse(await readFile(join(this.#folder, file), 'utf8')));
  }

  /** The raw result of a point, from the run directory. */
  async raw(run: SyntheticSweep, point: SyntheticPoint): Promise<z.infer<typeof courseSchema>> {
    const file = join('.inferencemax', 'runs', run.sweepId, 'raw', `${resultFilename(point)}.json`);
    return courseSchema.parse(JSON.parse(await readFile(join(this.#folder, file), 'utf8')));
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.#server.child.kill('SIGTERM');
    await this.#server.exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const day = 86_400_000;
const concurrencies = [1, 4, 16, 64];
const h200 = concurrencies.map((conc): SyntheticPoint => ({ ...somePoint, conc }));
const b200 = concurrencies.map(
  (conc): SyntheticPoint => ({ ...somePoint, hw: 'synthetic-b200', framework: 'trt', speed: 2, conc }),
);
const fp4 = concurrencies.map(
  (conc): SyntheticPoint => ({
    ...somePoint,
    hw: 'synthetic-b200',
    framework: 'trt',
    precision: 'fp4',
    speed: 3,
    conc,
  }),
);
const long = [4, 32].map((conc): SyntheticPoint => ({ ...somePoint, isl: 8192, conc }));

/** The parts of a raw result that tests read: distributions and the course of the run. */
const courseSchema = z.object({
  distributions: z.object({ ttft: z.object({ edges_ms: z.array(z.number()), counts: z.array(z.number()) }) }),
  timeline: z.object({
    interval_s: z.number(),
    output_throughput: z.array(z.number()),
    median_ttft_ms: z.array(z.number().nullable()),
  }),
});

/** Adds the course of a run to a raw result; one interval has no measurements. */
function withCourse(raw: Record<string, unknown>): Record<string, unknown> {
  const medianMs = Number(raw.median_ttft_ms);
  const tokensPerS = Number(raw.output_throughput);
  const rounded = (value: number) => Number(value.toPrecision(5));
  return {
    ...raw,
    distributions: {
      ttft: {
        edges_ms: [0.5, 0.9, 1.1, 1.6, 2.5].map((of) => rounded(of * medianMs)),
        counts: [3, 48, 40, 9],
      },
    },
    timeline: {
      interval_s: 10,
      output_throughput: [0.8, 1.1, 1.05, 0.6].map((of) => rounded(of * tokensPerS)),
      median_ttft_ms: [rounded(medianMs), null, rounded(1.2 * medianMs), rounded(medianMs)],
    },
  };
}

/** On the last of three nights the engine is 25 % faster, and one point is suspect. */
export const nights: readonly SyntheticSweep[] = [0, 1, 2].map((night) => ({
  sweepId: `nightly-${night}`,
  at: somePoint.at + night * day,
  seed: 10 + night,
  points: [...h200, ...b200, ...(night === 2 ? [...fp4, ...long] : [])].map((point) => ({
    ...point,
    at: somePoint.at + night * day,
    speed: point.speed * (night === 2 && point.hw === 'synthetic-h200' ? 1.25 : 1),
    image: night === 2 ? 'lmsysorg/sglang:v0.5.6' : point.image,
  })),
  change: (raw, index) =>
    night === 2 && index === 0
      ? {
          ...withCourse(raw),
          fidelity: { verdict: 'suspect', reasons: ['the event loop was late by 60 ms'] },
        }
      : withCourse(raw),
}));

/** The newest night, whose rows the latest views show. */
export function lastNight(): SyntheticSweep {
  const last = nights.at(-1);
  if (last === undefined) throw new Error('there is no night');
  return last;
}

/** Accuracy scores of the night, as public rows, for one concurrency whose speed is also known. */
export function scoresOf({ at, seed }: SyntheticSweep): readonly Readonly<Record<string, unknown>>[] {
  return [h200, b200].flatMap((points, index) =>
    points
      .filter(({ conc }) => conc === 64)
      .map(({ model, modelPrefix, hw, framework, precision, conc }) => ({
        model,
        model_prefix: modelPrefix,
        hw,
        framework,
        precision,
        spec_decoding: 'none',
        conc,
        task: 'gsm8k',
        score_name: 'em_strict',
        n_eff: 1319,
        score: 0.94 + index / 100 + seed / 10_000,
        score_se: 0.006,
        timestamp: new Date(at).toISOString(),
      })),
  );
}
