import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { WorkError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { aggregateRowOfJob } from './aggregate-row.ts';
import { processResult } from './process.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/results');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  env: z.record(z.string(), z.string()),
  exit: z.int(),
  raw: z.string().optional(),
  agg: z.string().optional(),
  validation: z.string().optional(),
  files: z.record(z.string(), z.string()).optional(),
});
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** What every public row of August has and says nothing: defaults, which we leave out, and no power. */
function isSilent(field: string, value: unknown): boolean {
  if (/^((prefill|decode)_)?(pp|dcp_size|pcp_size)$/.test(field)) return value === 1;
  return field === 'recipe_fingerprint' ? value === '' : /^power_(metric_schema_version|valid)$/.test(field);
}

describe.skipIf(!existsSync(folder))(
  'what the public tool of August makes of a job (skipped: no ../shared)',
  () => {
    const processCases = existsSync(folder)
      ? z
          .array(z.looseObject({ tool: z.string() }))
          .parse(read('cases.json'))
          .flatMap((one) => (one.tool === 'process' ? [caseSchema.parse(one)] : []))
      : [];
    const all = processCases.flatMap(({ raw, ...one }) => (raw === undefined ? [] : [{ ...one, raw }]));
    const refused = processCases.filter(({ exit, agg }) => exit === 1 && agg === undefined);
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

    test.each(all.filter((one) => one.exit === 0 && one.validation !== undefined))(
      'case $name, $title: the same file, with power and its audit',
      async ({ raw, env, exit, agg = '', validation = '', files = {} }) => {
        const place = await mkdtemp(join(tmpdir(), 'golden-august-'));
        await copyFile(join(folder, raw), join(place, 'result.json'));
        for (const [name, from] of Object.entries(files))
          await copyFile(join(folder, from), join(place, name));
        const processed = processResult(place, env);
        if (exit === 0) await processed;
        else await expect(processed).rejects.toThrow('measured power cannot be used');
        expect(JSON.parse(await readFile(join(place, 'agg_result.json'), 'utf8'))).toEqual(read(agg));
        const audit = join(place, 'power_validation_result.json');
        const inPlace = (text: string) => text.replaceAll(`${place}/`, '');
        expect(JSON.parse(inPlace(await readFile(audit, 'utf8')))).toEqual(read(validation));
        await rm(place, { recursive: true });
      },
    );

    test.each([
      ['29', 'missing environment variables: IMAGE, ISL'],
      ['31', 'missing environment variables: PREFILL_TP, DECODE_EP'],
      ['32', 'cannot read the raw result'],
      ['34', 'not a raw result: max_concurrency'],
      ['36', 'not a raw result: total_token_throughput'],
      ['37', 'median_tpot_ms is 0, so its interactivity, 1000 / TPOT, has no value'],
      ['39', 'DISAGG is true, which needs IS_MULTINODE=true as well'],
      ['41', "DCP_SIZE must be a whole number above 0, not '-1'"],
      ['42', "PCP_SIZE must be a whole number above 0, not 'two'"],
      ['44', 'ROUTER_METADATA must be JSON such as {"name":"vllm-router","version":"0.1.14"}'],
      ['46', 'ROUTER_METADATA must be JSON such as'],
      ['48', 'ROUTER_METADATA must be JSON such as'],
      ['49', 'DECODE_HARDWARE is missing; PREFILL_HARDWARE is given, and both are or neither is'],
      ['50', "PREFILL_GPUS must be a whole number above 0, not '0'"],
      ['52', "DECODE_PP_SIZE must be a whole number above 0, not '0'"],
    ])('case %s is refused: %s', async (name, message) => {
      const golden = refused.find((one) => one.name === name);
      if (golden === undefined) throw new Error(`no golden case ${name}`);
      const place = await mkdtemp(join(tmpdir(), 'golden-august-'));
      if (golden.raw !== undefined) await copyFile(join(folder, golden.raw), join(place, 'result.json'));
      await expect(processResult(place, golden.env)).rejects.toThrow(message);
      await expect(processResult(place, golden.env)).rejects.toThrow(WorkError);
      await rm(place, { recursive: true });
    });
  },
);
