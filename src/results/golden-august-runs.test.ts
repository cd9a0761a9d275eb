import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { said } from '../../test/support/said.ts';
import { packageRoot } from '../package-root.ts';
import { newestTable } from './compare/index.ts';
import { aggregateRowSchema } from './read-rows.ts';

const shared = join(packageRoot, '../shared/upstream-2026-08');
const common = { name: z.string(), title: z.string(), exit: z.int() };
const files = z.record(z.string(), z.json());
const caseSchema = z.discriminatedUnion('tool', [
  z.object({
    ...common,
    tool: z.literal('collect'),
    args: z.tuple([z.string(), z.string()]),
    files,
    output: z.array(z.json()).optional(),
  }),
  z.object({
    ...common,
    tool: z.literal('success-rate'),
    jobs: z.array(z.json()),
    runners: z.string(),
    output: z.record(z.string(), z.json()),
    zero: z.array(z.string()),
  }),
  z.object({
    ...common,
    tool: z.literal('compare'),
    files,
    baselines: z.array(
      z.object({
        date: z.string(),
        key: z.record(z.string(), z.json()),
        metrics: z.record(z.string(), z.number()),
      }),
    ),
    stdout: z.string(),
  }),
]);
type Golden = z.infer<typeof caseSchema>;
const all: Golden[] = existsSync(shared)
  ? z
      .array(z.json())
      .parse(JSON.parse(readFileSync(join(shared, 'results/cases.json'), 'utf8')))
      .flatMap((one) => caseSchema.safeParse(one).data ?? [])
  : [];
const of = <Tool extends Golden['tool']>(tool: Tool) =>
  all.filter((one): one is Extract<Golden, { readonly tool: Tool }> => one.tool === tool);

async function inPlace(run: (place: string) => Promise<void>): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'golden-runs-'));
  await run(place);
  await rm(place, { recursive: true });
}

/** A text is a file's content as it is, such as JSON that is broken. */
async function lay(place: string, content: z.infer<typeof files>): Promise<void> {
  for (const [name, value] of Object.entries(content)) {
    const file = join(place, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  }
}

const asSet = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).toSorted();

/** Public rows that are cut down to what a comparison looks at. */
function rowsOf(content: z.infer<typeof files>) {
  const rest = { image: 'engine:v1', model: 'org/M', output_tput_per_gpu: null, input_tput_per_gpu: null };
  return Object.values(content)
    .flat()
    .map((row) => aggregateRowSchema.parse({ ...rest, ...z.record(z.string(), z.json()).parse(row) }));
}

/** The fields of a row by the columns that the public store has for them. */
const rowFields: Readonly<Record<string, string>> = {
  hardware: 'hw',
  model: 'infmax_model_prefix',
  spec_method: 'spec_decoding',
};

function baselineOf({ date, key, metrics }: { date: string; key: Record<string, unknown>; metrics: object }) {
  const isMultinode = key.is_multinode === true;
  const identity = Object.entries(key).map(([column, value]) => [
    rowFields[column] ?? (isMultinode ? column : column.replace(/^prefill_/, '')),
    value,
  ]);
  const [row] = rowsOf({ baseline: { ...Object.fromEntries(identity), ...metrics } });
  if (row === undefined) throw new Error('no row');
  return { measuredAt: date, row };
}

describe.skipIf(all.length === 0)('what the public tools make of a run (skipped: no ../shared)', () => {
  test.each(of('collect'))(
    '$name, $title',
    async ({ args: [folder, name], files: content, exit, output }) => {
      await inPlace(async (place) => {
        await lay(place, content);
        const { code, stderr } = await said(
          'results',
          'collect',
          join(place, folder),
          name,
          '--out-dir',
          place,
        );
        if (exit !== 0) {
          expect(code).not.toBe(0);
          expect(stderr).toContain('a.json:1:2: not JSON');
          return;
        }
        const collected = z
          .array(z.json())
          .parse(JSON.parse(await readFile(join(place, `agg_${name}.json`), 'utf8')));
        expect(asSet(collected)).toEqual(asSet(output ?? []));
      });
    },
  );

  test.each(of('compare'))('$name, $title', ({ files: content, baselines, stdout }) => {
    expect(newestTable(rowsOf(content), baselines.map(baselineOf)).trim()).toBe(stdout.trim());
  });

  test.each(of('success-rate'))('$name, $title', async ({ jobs, runners, output, zero }) => {
    await inPlace(async (place) => {
      const [list, file] = [join(place, 'jobs.json'), join(place, 'run_stats.json')];
      await writeFile(list, JSON.stringify(jobs));
      const config = ['--runner-config', join(shared, runners), '--output', file];
      const { code } = await said('results', 'success-rate', list, ...config);
      expect(code).toBe(0);
      const none = zero.map((fleet) => [fleet, { n_success: 0, total: 0 }]);
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...output, ...Object.fromEntries(none) });
    });
  });
});
