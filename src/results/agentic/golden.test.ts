import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../package-root.ts';
import { judgeAgentic } from './gate.ts';
import { addAgenticPower } from './power.ts';
import { processAgentic } from './row.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/agentic');
const rowCase = z.object({
  tool: z.literal('row'),
  name: z.string(),
  title: z.string(),
  env: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.string()),
  exit: z.int(),
  row: z.string().optional(),
  error: z.string().optional(),
});
const gateCase = z.object({
  tool: z.literal('gate'),
  name: z.string(),
  title: z.string(),
  args: z.array(z.string()),
  texts: z.record(z.string(), z.string()),
  exit: z.int(),
});
const powerCase = z.object({
  tool: z.literal('power'),
  name: z.string(),
  title: z.string(),
  args: z.array(z.string()),
  files: z.record(z.string(), z.string()),
  audit: z.record(z.string(), z.unknown()),
  window: z.unknown().optional(),
  row_after: z.unknown().optional(),
});
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const all = existsSync(folder) ? z.array(z.unknown()).parse(read('cases.json')) : [];

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'golden-agentic-'));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

async function lay(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, stored] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await copyFile(join(folder, stored), join(place, name));
  }
}

describe.skipIf(all.length === 0)(
  'what the public tool makes of an agentic run (skipped: no ../shared)',
  () => {
    test.each(all.flatMap((one) => rowCase.safeParse(one).data ?? []))(
      '$name, $title',
      async ({ env, files, exit, row }) => {
        await lay(files);
        const { HF_HUB_CACHE = 'none' } = env;
        const made = processAgentic(
          { resultDir: join(place, 'results'), outputDir: place },
          { ...env, HF_HUB_CACHE: join(place, HF_HUB_CACHE) },
        );
        if (exit !== 0 || row === undefined) {
          await expect(made).rejects.toThrow();
          return;
        }
        await made;
        const written: unknown = JSON.parse(readFileSync(join(place, `${env.RESULT_FILENAME}.json`), 'utf8'));
        expect(written).toEqual(closeTo(read(row)));
      },
    );

    test.each(all.flatMap((one) => gateCase.safeParse(one).data ?? []).filter(({ exit }) => exit !== 2))(
      '$name, $title',
      async ({ args: [artifacts = '', , limit], texts, exit }) => {
        for (const [name, text] of Object.entries(texts)) {
          await mkdir(dirname(join(place, name)), { recursive: true });
          await writeFile(join(place, name), text);
        }
        const { reasons } = await judgeAgentic(join(place, artifacts), Number(limit));
        expect(reasons.length > 0).toBe(exit === 1);
      },
    );

    test.each(all.flatMap((one) => powerCase.safeParse(one).data ?? []))(
      '$name, $title',
      async ({ args, files, audit, window, row_after: row }) => {
        await lay(files);
        await addAgenticPower({
          resultDir: join(place, 'results'),
          aggResult: join(place, 'row.json'),
          expectedGpus: Number(args[args.indexOf('--expected-num-gpus') + 1]),
        });
        const written = (name: string): unknown => {
          const file = join(place, name);
          return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
        };
        expect(written('results/power_validation.json')).toEqual({
          ...audit,
          telemetry_source: join(place, 'results/gpu_metrics.csv'),
          benchmark_result: join(place, 'results/agentic_power_window.json'),
        });
        expect(written('results/agentic_power_window.json')).toEqual(window);
        expect(written('row.json')).toEqual(row);
      },
    );

    test('the newest corpus of several in the cache has the expected lengths', async () => {
      const request = { metadata: { conversation_id: 't::sa:x', turn_index: 1 }, metrics: {} };
      const records = join(place, 'results/aiperf_artifacts/profile_export.jsonl');
      await mkdir(dirname(records), { recursive: true });
      await writeFile(records, `${JSON.stringify(request)}\n`);
      for (const [age, out] of [
        [100, 7],
        [0, 9],
      ]) {
        const snapshot = join(place, `hub/datasets--semianalysisai--cc-traces-weka-${out}/snapshots/x`);
        await mkdir(snapshot, { recursive: true });
        const requests = [
          { type: 's', out: 1 },
          { type: 'subagent', out: 2 },
          { type: 'n', out },
        ];
        await writeFile(join(snapshot, 'traces.jsonl'), `broken\n${JSON.stringify({ id: 't', requests })}\n`);
        const changed = Date.now() / 1000 - (age ?? 0);
        await utimes(snapshot, changed, changed);
      }
      const environment = { RESULT_FILENAME: 'row', KV_OFFLOADING: 'none', HF_HUB_CACHE: join(place, 'hub') };
      const { row } = await processAgentic(
        { resultDir: join(place, 'results'), outputDir: place },
        environment,
      );
      expect(row).toMatchObject({
        request_metrics: { tokens: { output_expected: { mean: 9, p90: 9, std: 0 } } },
      });
    });
  },
);

/** The same value within a relative 1e-9. */
function closeTo(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.abs(value) + 1)));
  }
  if (Array.isArray(value)) return value.map(closeTo);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closeTo(inner)]));
}
