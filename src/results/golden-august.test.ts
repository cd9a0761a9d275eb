import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { aggregateRowOfJob } from './aggregate-row.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/results');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  env: z.record(z.string(), z.string()),
  exit: z.int(),
  raw: z.string(),
  agg: z.string().optional(),
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
