import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.ts';
import { byDay, jobCountOf } from '../../src/public/rows.ts';
import { publicSource, type Store } from '../../src/store/index.ts';

/** Public results for DeepSeek R1 next to the clone; the repository does not contain them. */
const folder = join(packageRoot, '../shared/public-results');
export const hasPublicRows = existsSync(join(folder, 'agg-rows.json.gz'));
export const withoutPublicRows = 'skipped: no ../shared/public-results beside the clone';

const rowSchema = z.looseObject({ date: z.string(), run_url: z.string() });
const scoreSchema = z.looseObject({
  hardware: z.string(),
  framework: z.string(),
  model: z.string(),
  precision: z.string(),
  spec_method: z.string(),
  task: z.string(),
  conc: z.number().nullable(),
  metrics: z.looseObject({ n_eff: z.number(), em_strict: z.number(), em_strict_se: z.number() }),
  timestamp: z.string(),
  run_url: z.string(),
});

/** Ingests all public rows and scores, by the run that measured them, and the counts of jobs. */
export async function ingestPublicRows(store: Store, scratch: string): Promise<void> {
  const rows = z.array(rowSchema).parse(await unpacked('agg-rows.json.gz'));
  const scores = z.array(scoreSchema).parse(await unpacked('evaluations.json.gz'));
  const runs = new Map<string, { date: string; files: Map<string, unknown> }>();
  const filesOf = (url: string, date: string) => {
    const run = runs.get(url) ?? { date, files: new Map<string, unknown>() };
    runs.set(url, run);
    return run.files;
  };
  for (const { date, run_url: url, ...row } of rows) {
    // A few rows have no output throughput; it is unknown.
    const complete = { output_tput_per_gpu: null, input_tput_per_gpu: null, ...row };
    const files = filesOf(url, date);
    files.set(`agg_${files.size}.json`, complete);
  }
  for (const score of scores) {
    const files = filesOf(score.run_url, score.timestamp);
    files.set(`eval_${files.size}.json`, {
      model: score.model,
      model_prefix: score.model,
      hw: score.hardware,
      framework: score.framework,
      precision: score.precision,
      spec_decoding: score.spec_method,
      conc: score.conc,
      task: score.task,
      score_name: 'em_strict',
      score: score.metrics.em_strict,
      score_se: score.metrics.em_strict_se,
      n_eff: score.metrics.n_eff,
      timestamp: score.timestamp,
    });
  }
  const jobs = z.array(z.unknown()).parse(await unpacked('reliability.json.gz'));
  await store.ingestJobCounts(publicSource, byDay(jobs.map(jobCountOf)));
  for (const [url, { date, files }] of runs) {
    const id = /runs\/(\d+)/.exec(url)?.[1] ?? '';
    const run = join(scratch, id);
    await mkdir(run, { recursive: true });
    for (const [name, content] of files) await writeFile(join(run, name), JSON.stringify(content));
    await store.ingest(run, { sweepId: id, url, measuredAt: new Date(date) });
  }
}

async function unpacked(name: string): Promise<unknown> {
  return JSON.parse(gunzipSync(await readFile(join(folder, name))).toString('utf8'));
}
