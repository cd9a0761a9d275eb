import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { type Job, jobOf } from './job.ts';
import { nodesOf } from './placement.ts';
import { expandFile, readSrtRecipes } from './read.ts';

/** Recorded with srt-slurm; next to the clone. */
const shared = join(packageRoot, '..', 'shared', 'upstream-2026-08');
const folder = join(shared, 'srt-slurm');
const isShared = existsSync(folder);

const json = z.record(z.string(), z.unknown());
const caseSchema = z.discriminatedUnion('tool', [
  z.object({
    tool: z.literal('expand'),
    name: z.string(),
    file: z.string(),
    selector: z.string().nullable(),
    variants: z.array(z.object({ suffix: z.string(), recipe: json })).optional(),
    refused: z.string().optional(),
  }),
  z.object({
    tool: z.literal('commands'),
    name: z.string(),
    file: z.string(),
    selector: z.string().nullable(),
    output: z.string(),
  }),
  z.object({
    tool: z.literal('validate'),
    name: z.string(),
    files: z.array(z.object({ file: z.string(), why: z.string() })),
  }),
]);

const cases = isShared
  ? z.array(caseSchema).parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')))
  : [];

const pathOf = (file: string) => join(file.startsWith('made/') ? folder : shared, file);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.skipIf(!isShared)('variants of a recipe file, as srt-slurm expands them', () => {
  const expanded = cases.flatMap((one) => (one.tool === 'expand' ? [one] : []));
  test.each(expanded)('$name: $file $selector', async ({ file, selector, variants, refused }) => {
    const got = await expandFile(pathOf(file), selector ?? undefined).catch((error: unknown) => {
      if (error instanceof InputError) return undefined;
      throw error;
    });
    expect(got === undefined).toBe(refused !== undefined);
    const made = got?.variants.map(({ suffix, recipe }) => ({ suffix, recipe: plain(recipe) }));
    expect(made).toEqual(variants);
  });
});

const recorded = z.object({
  nodes: z.array(z.string()),
  processes: z.array(
    z.object({
      role: z.string(),
      index: z.number().optional(),
      nodes: z.array(z.string()),
      argv: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      unset: z.array(z.string()).optional(),
      container: z.string().optional(),
      ntasks: z.number().optional(),
      mpi: z.string().optional(),
      cpu_bind: z.string().optional(),
      setup_script: z.string().optional(),
      installs_dynamo: z.boolean().optional(),
    }),
  ),
  files: json,
});

/** A job in the form of the recordings. */
function inRecordedForm({ nodes, processes, files }: Job): z.output<typeof recorded> {
  return recorded.parse(
    plain({
      nodes,
      processes: processes.map(({ ranks, cpuBind, setupScript, installsDynamo, ...one }) => ({
        ...one,
        ntasks: ranks,
        cpu_bind: cpuBind,
        setup_script: setupScript,
        installs_dynamo: installsDynamo,
      })),
      files: Object.fromEntries(Object.entries(files).map(([name, value]) => [`$LOGS/${name}`, value])),
    }),
  );
}

/** Shared memory is named at random there; an nginx configuration is compared without comments and spaces. */
function comparable({ nodes, processes, files }: z.output<typeof recorded>) {
  return {
    nodes,
    processes: processes.map((one) => ({
      ...one,
      env: Object.fromEntries(
        Object.entries(one.env).map(([name, value]) => [
          name,
          name === 'TRTLLM_EPLB_SHM_NAME' ? value.replace(/[0-9a-f]{32}$/, '…') : value,
        ]),
      ),
    })),
    files: Object.fromEntries(
      Object.entries(files).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.replaceAll(/#.*$/gm, '').split(/\s+/).filter(Boolean) : value,
      ]),
    ),
  };
}

describe.skipIf(!isShared)('every process of a recipe, as srt-slurm starts it', () => {
  const commands = cases.flatMap((one) => (one.tool === 'commands' ? [one] : []));
  test.each(commands)('$name: $file $selector', async ({ file, selector, output }) => {
    const bytes = readFileSync(
      existsSync(join(folder, output)) ? join(folder, output) : join(folder, `${output}.gz`),
    );
    const text = bytes[0] === 0x1f ? gunzipSync(bytes).toString() : bytes.toString();
    const wanted = recorded.parse(JSON.parse(text));
    const [{ recipe } = { recipe: undefined }] = await readSrtRecipes(pathOf(file), selector ?? undefined);
    if (recipe === undefined) throw new Error('the file has no recipe');
    const nodes = Array.from({ length: nodesOf(recipe) }, (_, index) => `node-${index}`);
    const addressOf = (node: string) => `10.0.0.${Number(node.slice('node-'.length)) + 1}`;
    const modelFolder = (alias: string) => `/models/${alias.replaceAll('/', '_')}`;
    const job = jobOf(recipe, { nodes, addressOf, logs: '$LOGS', modelFolder });
    expect(comparable(inRecordedForm(job))).toEqual(comparable(wanted));
  });
});

describe.skipIf(!isShared)('the public recipes', () => {
  const recipes = join(shared, 'configs', 'srt-slurm-recipes');
  const all = isShared
    ? readdirSync(recipes, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.yaml'))
        .toSorted()
    : [];
  const [refused] = cases.flatMap((one) => (one.tool === 'validate' ? [one.files] : []));

  test('are accepted or refused as by srt-slurm, with the field that it does not know', async () => {
    const expected = new Map(refused?.map(({ file, why }) => [join(shared, file), fieldIn(why)]));
    const got = new Map<string, string>();
    for (const file of all) {
      const read = await readSrtRecipes(join(recipes, file)).catch((error: unknown) => {
        if (error instanceof InputError) return error;
        throw error;
      });
      if (read instanceof InputError) got.set(join(recipes, file), fieldOf(read));
    }
    expect(got).toEqual(expected);
  });

  const fieldIn = (why: string) => /'(\w+)': \['Unknown field/.exec(why)?.[1] ?? why;
  const fieldOf = ({ problems }: InputError) =>
    /unknown field '?(?:\w+\.)*(\w+)/.exec(problems[0]?.message ?? '')?.[1] ??
    problems.map(({ message }) => message).join();

  test('plan to processes on the nodes that they need', async () => {
    for (const file of all) {
      const read = await readSrtRecipes(join(recipes, file)).catch(() => []);
      for (const { recipe, suffix } of read) {
        const nodes = Array.from({ length: nodesOf(recipe) }, (_, index) => `n${index}`);
        const job = jobOf(recipe, { nodes, addressOf: (node) => node, logs: '/logs' });
        const used = new Set(job.processes.flatMap((one) => one.nodes));
        expect({ file, suffix, unused: nodes.filter((node) => !used.has(node)) }).toEqual({
          file,
          suffix,
          unused: [],
        });
      }
    }
  });
});
