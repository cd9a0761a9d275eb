import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { aggregateRowOfJob } from './aggregate-row.ts';
import { summaryMarkdown } from './summary.ts';

const folder = join(packageRoot, '../shared/upstream-2026-01/results');
const cases = z.array(
  z.object({
    name: z.string(),
    env: z.record(z.string(), z.string()),
    exit: z.int(),
    raw: z.string().optional(),
    agg: z.string().optional(),
    error: z.string().optional(),
  }),
);
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

describe.skipIf(!existsSync(folder))(
  'what the public tools made of the same raw results (skipped: no ../shared)',
  () => {
    const all = existsSync(folder) ? cases.parse(read('cases.json')) : [];
    const good = all.filter(({ exit }) => exit === 0);
    const rowOf = (golden: (typeof all)[number]) => aggregateRowOfJob(read(golden.raw ?? ''), golden.env);

    test.each(good)('case $name: the same fields, values and order', (golden) => {
      const row = rowOf(golden);
      const expected = read(golden.agg ?? '');
      expect(row).toEqual(expected);
      expect(JSON.stringify(row)).toBe(JSON.stringify(expected));
    });

    test('a missing variable is named', () => {
      const golden = all.find(({ error }) => error?.includes('Missing required'));
      if (golden === undefined) throw new Error('no such golden case');
      expect(() => rowOf(golden)).toThrow('missing environment variables: FRAMEWORK');
    });

    test('disaggregation on one node is refused', () => {
      const golden = all.find(({ error }) => error?.includes('Disaggregated'));
      if (golden === undefined) throw new Error('no such golden case');
      expect(() => rowOf(golden)).toThrow('DISAGG is true, which needs IS_MULTINODE=true');
    });

    test('the summary of all of them is the same to the byte', () => {
      expect(summaryMarkdown(good.map(rowOf))).toBe(readFileSync(join(folder, 'summary.md'), 'utf8'));
    });
  },
);
