import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { aggregateRowOfJob } from './aggregate-row.ts';
import { processResult } from './process.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/results');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  env: z.record(z.string(), z.string()),
  exit: z.int(),
  raw: z.string(),
  agg: z.string().optional(),
  validation: z.string().optional(),
  files: z.record(z.string(), z.string()).optional(),
});
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** What we read otherwise: without times a result has January's form, and a figure that is a text is no figure. */
const otherwise = ['no start and end times: power invalid', 'texts as numbers in the raw result'];

/** What every public row of August has and says nothing: defaults, which we leave out, and no power. */
function isSilent(field: string, value: unknown): boolean {
  if (/^((prefill|decode)_)?(pp|dcp_size|pcp_size)$/.test(field)) return value === 1;
  return field === 'recipe_fingerprint' ? value === '' : /^power_(metric_schema_version|valid)$/.test(field);
}

describe.skipIf(!existsSync(folder))(
  'what the public tool of August makes of a job (skipped: no ../shared)',
  () => {
    const all = existsSync(folder)
      ? z
          .array(z.looseObject({ tool: z.string() }))
          .parse(read('cases.json'))
          .flatMap((one) => (one.tool === 'process' ? (caseSchema.safeParse(one).data ?? []) : []))
      : [];
    const about = /dcp|pcp|pp|router|hardware|transfer|fingerprint|GPUs|several nodes|plain|cluster runner/;
    const ofIdentity = all.filter(({ title, files }) => about.test(title) && files === undefined);

    test.each(ofIdentity.filter(({ exit, agg }) => exit === 0 && agg !== undefined))(
      'case $name, $title: the same row',
      ({ raw, env, agg = '' }) => {
        const expected = Object.entries(z.looseObject({}).parse(read(agg)));
        const said = expected.filter(([field, value]) => !isSilent(field, value));
        expect(aggregateRowOfJob(read(raw), env)).toEqual(Object.fromEntries(said));
      },
    );

    test.each(
      all.filter(
        (one) =>
          one.exit === 0 &&
          one.validation !== undefined &&
          one.env.IS_MULTINODE === undefined &&
          !otherwise.includes(one.title),
      ),
    )(
      'case $name, $title: the same file, with power and its audit',
      async ({ raw, env, agg = '', validation = '', files = {} }) => {
        const place = await mkdtemp(join(tmpdir(), 'golden-august-'));
        await copyFile(join(folder, raw), join(place, 'result.json'));
        for (const [name, from] of Object.entries(files))
          await copyFile(join(folder, from), join(place, name));
        const { file } = await processResult(place, env);
        expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(read(agg));
        const audit = join(place, 'power_validation_result.json');
        const inPlace = (text: string) => text.replaceAll(`${place}/`, '');
        expect(JSON.parse(inPlace(await readFile(audit, 'utf8')))).toEqual(read(validation));
        await rm(place, { recursive: true });
      },
    );

    test('power that is required and cannot be used fails the job after all is written', async () => {
      const golden = all.find(({ env, files }) => env.REQUIRE_POWER === '1' && files !== undefined);
      if (golden === undefined) throw new Error('no such golden case');
      const place = await mkdtemp(join(tmpdir(), 'golden-august-'));
      await copyFile(join(folder, golden.raw), join(place, 'result.json'));
      for (const [name, from] of Object.entries(golden.files ?? {}))
        await copyFile(join(folder, from), join(place, name));
      await expect(processResult(place, golden.env)).rejects.toThrow('expected_gpu_count_mismatch');
      expect(JSON.parse(await readFile(join(place, 'agg_result.json'), 'utf8'))).toEqual(
        read(golden.agg ?? ''),
      );
      await rm(place, { recursive: true });
    });

    test.each([
      ['41', "DCP_SIZE must be a whole number above 0, not '-1'"],
      ['42', "PCP_SIZE must be a whole number above 0, not 'two'"],
      ['44', 'ROUTER_METADATA must be JSON such as {"name":"vllm-router","version":"0.1.14"}'],
      ['46', 'ROUTER_METADATA must be JSON such as'],
      ['48', 'ROUTER_METADATA must be JSON such as'],
      ['49', 'DECODE_HARDWARE is missing; PREFILL_HARDWARE is given, and both are or neither is'],
      ['50', "PREFILL_GPUS must be a whole number above 0, not '0'"],
      ['52', "DECODE_PP_SIZE must be a whole number above 0, not '0'"],
    ])('case %s is refused: %s', (name, message) => {
      const golden = all.find((one) => one.name === name);
      if (golden === undefined) throw new Error(`no golden case ${name}`);
      expect(golden.exit).toBe(1);
      expect(() => aggregateRowOfJob(read(golden.raw), golden.env)).toThrow(message);
    });
  },
);
