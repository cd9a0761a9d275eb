import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { addPower } from './power.ts';
import { benchmarkResult } from './power-files.ts';
import { addPowerOfNodes } from './power-nodes.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/power');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  tool: z.enum(['one-node', 'several-nodes']),
  args: z.array(z.string()),
  env: z.object({ TZ: z.string() }).default({ TZ: 'UTC' }),
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

const auditSchema = z.looseObject({ reasons: z.array(z.string()), failures: z.array(z.string()).optional() });

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

async function lay(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, stored] of Object.entries(files)) {
    const [from, to] = [join(folder, stored), join(place, name)];
    await mkdir(dirname(to), { recursive: true });
    if (stored.endsWith('.gz')) await writeFile(to, gunzipSync(await readFile(from)));
    else await copyFile(from, to);
  }
}

function rowIsGolden({ row, row_text: text }: z.infer<typeof caseSchema>): void {
  const file = join(place, 'agg_result.json');
  if (row !== undefined) expect(read(file)).toEqual(row);
  else if (text !== undefined) expect(readFileSync(file, 'utf8')).toBe(text);
  else expect(existsSync(file)).toBe(false);
}

const option = (args: readonly string[], name: string) => args[args.indexOf(`--${name}`) + 1] ?? '';

describe.skipIf(all.length === 0)(
  'what the public tool makes of power samples (skipped: no ../shared)',
  () => {
    test.each(all.filter(({ tool }) => tool === 'one-node'))(
      '$name, $title: the same row and the same audit',
      async (golden) => {
        await lay(golden.files);
        process.env.TZ = golden.env.TZ;
        const { audit } = await addPower({
          csv: join(place, 'gpu_metrics.csv'),
          result: await benchmarkResult(join(place, 'result.json')),
          aggResult: join(place, 'agg_result.json'),
          expectedGpus: Number(option(golden.args, 'expected-num-gpus')),
        });
        const written = read(join(place, golden.audit_name));
        expect(written).toEqual(JSON.parse(JSON.stringify(audit)));
        expect(written).toEqual({
          ...auditSchema.parse(read(join(folder, golden.audit))),
          telemetry_source: join(place, 'gpu_metrics.csv'),
          benchmark_result: join(place, 'result.json'),
        });
        rowIsGolden(golden);
      },
    );

    test('windows and results that links take out of the folders are refused', async () => {
      const golden = all.find(({ name }) => name === 'multi-77');
      if (golden === undefined) throw new Error('no golden case multi-77');
      await lay(golden.files);
      const failuresOf = async () => {
        const { audit } = await addPowerOfNodes({
          powerDir: join(place, 'LOGS/power'),
          logsRoot: join(place, 'LOGS'),
          result: await benchmarkResult(join(place, 'result.json')),
          aggResult: join(place, 'agg_result.json'),
          gpus: { prefill: 2, decode: 2 },
          expectedCommit: option(golden.args, 'expected-producer-sha'),
        });
        return auditSchema.parse(audit).failures;
      };
      expect(await failuresOf()).toEqual([]);
      const result = join(place, 'LOGS/run/results_4.json');
      await rm(result);
      await symlink(join(place, 'result.json'), result);
      expect(await failuresOf()).toContain('measurement_window_result_path_invalid (windows/results_4.json)');
      await rename(join(place, 'LOGS/power/windows'), join(place, 'windows'));
      await symlink(join(place, 'windows'), join(place, 'LOGS/power/windows'));
      expect(await failuresOf()).toContain('measurement_window_artifact_path_invalid (windows)');
    });

    test.each(all.filter(({ tool }) => tool === 'several-nodes'))(
      '$name, $title: the same row and the same audit',
      async (golden) => {
        await lay(golden.files);
        const of = (name: string) => option(golden.args, name);
        await addPowerOfNodes({
          powerDir: join(place, of('power-dir')),
          logsRoot: join(place, of('logs-root')),
          result: await benchmarkResult(join(place, of('bench-result'))),
          aggResult: join(place, of('agg-result')),
          gpus: { prefill: Number(of('prefill-gpus')), decode: Number(of('decode-gpus')) },
          expectedCommit: golden.args.includes('--expected-producer-sha')
            ? of('expected-producer-sha')
            : undefined,
        });
        const text = readFileSync(join(place, golden.audit_name), 'utf8').replaceAll(`${place}/`, '');
        const [written, public_] = [JSON.parse(text), read(join(folder, golden.audit))].map((audit) =>
          auditSchema.parse(audit),
        );
        if (public_?.reasons.includes('manifest_malformed') === true) {
          // What is wrong with a manifest is said in our words.
          expect(written?.failures).toHaveLength(public_.failures?.length ?? 0);
          expect({ ...written, failures: [] }).toEqual({ ...public_, failures: [] });
        } else expect(written).toEqual(public_);
        rowIsGolden(golden);
      },
    );
  },
);
