import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { addPower } from './power.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/power');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  tool: z.literal('one-node'),
  args: z.array(z.string()),
  env: z.object({ TZ: z.string() }),
  files: z.record(z.string(), z.string()),
  audit: z.string(),
  audit_name: z.string(),
  row: z.unknown().optional(),
  row_text: z.string().optional(),
});
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const all = existsSync(folder)
  ? z
      .array(z.unknown())
      .parse(read(join(folder, 'cases.json')))
      .flatMap((one) => caseSchema.safeParse(one).data ?? [])
  : [];

let place: string;
const zone = process.env.TZ;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'golden-power-'));
});
afterEach(async () => {
  await rm(place, { recursive: true });
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe.skipIf(all.length === 0)(
  'what the public tool makes of the power samples of one node (skipped: no ../shared)',
  () => {
    test.each(all)('$name, $title: the same row and the same audit', async (golden) => {
      for (const [name, stored] of Object.entries(golden.files)) {
        const from = join(folder, stored);
        if (stored.endsWith('.gz')) await writeFile(join(place, name), gunzipSync(await readFile(from)));
        else await copyFile(from, join(place, name));
      }
      process.env.TZ = golden.env.TZ;
      const { audit } = await addPower({
        csv: join(place, 'gpu_metrics.csv'),
        benchResult: join(place, 'result.json'),
        aggResult: join(place, 'agg_result.json'),
        expectedGpus: Number(golden.args[golden.args.indexOf('--expected-num-gpus') + 1]),
      });
      const written = read(join(place, golden.audit_name));
      expect(written).toEqual(JSON.parse(JSON.stringify(audit)));
      expect(written).toEqual({
        ...z.looseObject({}).parse(read(join(folder, golden.audit))),
        telemetry_source: join(place, 'gpu_metrics.csv'),
        benchmark_result: join(place, 'result.json'),
      });
      const row = join(place, 'agg_result.json');
      if (golden.row !== undefined) expect(read(row)).toEqual(golden.row);
      else if (golden.row_text !== undefined) expect(readFileSync(row, 'utf8')).toBe(golden.row_text);
      else expect(existsSync(row)).toBe(false);
    });
  },
);
