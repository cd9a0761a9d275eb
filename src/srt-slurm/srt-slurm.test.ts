import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { jobOf } from './job.ts';
import { nodesOf } from './placement.ts';
import { namedVariant, readSrtRecipes } from './read.ts';
import { recipeText } from './recipe-text.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'srt-slurm-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function read(text: string, selector?: string) {
  const file = join(folder, 'recipe.yaml');
  await writeFile(file, text);
  return await readSrtRecipes(file, selector);
}

/** The problems of a recipe as `line:column message`. */
async function problemsOf(text: string): Promise<string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputError)) throw error;
  return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const twoWorkers = `name: pair
model: { path: 'hf:org/model', container: org/engine:1, precision: fp8 }
resources: { gpu_type: h100, gpus_per_node: 8, prefill_nodes: 1, prefill_workers: 2, decode_nodes: 2, decode_workers: 1 }
backend:
  type: sglang
  decode_environment: { HOST: '{node} is {node_id}' }
  sglang_config:
    prefill: { tp-size: 4, mem_fraction_static: 0.8, disable-radix-cache: true, watch: false }
    decode: { tp-size: 16, temperature: 1.0 }
benchmark: { type: sa-bench, isl: 1024, osl: 128, concurrencies: [4, 8] }
`;

describe('the job of a recipe', () => {
  test('places workers, and gives each process its command', async () => {
    const [{ recipe } = { recipe: undefined }] = await read(twoWorkers);
    if (recipe === undefined) throw new Error('no recipe');
    expect(nodesOf(recipe)).toBe(3);
    const job = jobOf(recipe, { nodes: ['a', 'b', 'c'], addressOf: (node) => `ip-${node}`, logs: '/l' });
    expect(job.processes.map(({ role, index, nodes }) => [role, index ?? '', ...nodes].join(' '))).toEqual([
      'infra  a',
      'prefill 0 a',
      'prefill 1 a',
      'decode 0 b',
      'decode 0 c',
      'frontend  a',
      'frontend  b',
      'frontend  c',
      'client  a',
    ]);
    const [, prefill, , , follower] = job.processes;
    expect(prefill?.argv.join(' ')).toContain(
      '--model-path org/model --served-model-name model --host 0.0.0.0',
    );
    expect(prefill?.argv.slice(-5)).toEqual([
      '--disable-radix-cache',
      '--mem-fraction-static',
      '0.8',
      '--tp-size',
      '4',
    ]);
    expect(prefill?.env.CUDA_VISIBLE_DEVICES).toBe('0,1,2,3');
    expect(follower?.argv.join(' ')).toContain('--dist-init-addr ip-b:8300 --nnodes 2 --node-rank 1');
    expect(follower?.argv.slice(-4)).toEqual(['--temperature', '1.0', '--tp-size', '16']);
    expect(follower?.env.HOST).toBe('c is 2');
    expect(job.files['nginx.conf']).toContain('server ip-b:8180;');
  });

  test('gives no port of a node to two processes', async () => {
    const layout = fc.record({
      workers: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      gpus: fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(1, 2, 4)),
      type: fc.constantFrom('sglang', 'vllm', 'trtllm'),
    });
    await fc.assert(
      fc.asyncProperty(layout, async ({ workers: [prefill, decode], gpus: [each, eachDecode], type }) => {
        const [{ recipe } = { recipe: undefined }] = await read(`name: r
model: { path: m, container: c, precision: fp8 }
resources: { gpu_type: h100, gpus_per_node: 4, prefill_nodes: ${prefill}, prefill_workers: ${prefill}, gpus_per_prefill: ${each}, decode_nodes: ${decode}, decode_workers: ${decode}, gpus_per_decode: ${eachDecode} }
backend: { type: ${type} }
`);
        if (recipe === undefined) throw new Error('no recipe');
        const nodes = Array.from({ length: nodesOf(recipe) }, (_, index) => `n${index}`);
        const { processes } = jobOf(recipe, { nodes, addressOf: (node) => node, logs: '/l' });
        const ports = processes.flatMap(({ nodes: on, argv, env }) =>
          [...argv.flatMap((word, at) => (/port$/.test(word) ? [argv[at + 1]] : [])), env.DYN_SYSTEM_PORT]
            .filter((port) => port !== undefined)
            .flatMap((port) => on.map((node) => `${node}:${port}`)),
        );
        expect(ports.toSorted()).toEqual([...new Set(ports)].toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

describe('a recipe whose workers do not fit is wrong input', () => {
  test.each([
    ['nodes', 'agg_nodes: 1, agg_workers: 2, gpus_per_agg: 8', 'tp: 8', 'need more than the 1 nodes'],
    [
      'parallel sizes',
      'agg_nodes: 1, agg_workers: 1',
      'data-parallel-size: 3',
      'agg worker 0 needs 3 GPUs for data-parallel-size 3 and 1 GPUs per rank, and has 8',
    ],
  ])('%s', async (_, workers, options, problem) => {
    const [{ recipe } = { recipe: undefined }] = await read(`name: r
model: { path: m, container: c, precision: fp8 }
resources: { gpu_type: h100, gpus_per_node: 8, ${workers} }
backend: { type: vllm, vllm_config: { aggregated: { ${options} } } }
`);
    if (recipe === undefined) throw new Error('no recipe');
    const plan = () => jobOf(recipe, { nodes: ['a'], addressOf: (node) => node, logs: '/l' });
    expect(plan).toThrow(InputError);
    expect(plan).toThrow(problem);
  });
});

test('a recipe that is written again keeps the text of its floats, and its texts', async () => {
  const [{ written } = { written: {} }] = await read(
    twoWorkers.replace('watch: false', 'rate: 1.0e-05, mode: "on"'),
  );
  const text = recipeText(written);
  expect(text).toContain('temperature: 1.0\n');
  const [again] = await read(text);
  expect(again?.written).toEqual(written);
});

describe('problems of a recipe have their line', () => {
  const head =
    'name: r\nmodel: { path: m, container: c, precision: fp8 }\nresources: { gpu_type: h100, agg_workers: 1 }\n';
  test.each([
    ['an unknown field', 'dynamo: { wheels: 1.0 }\n', "4:11 unknown field 'wheels'"],
    ['a number as a variable', 'environment: { A: 1 }\n', '4:19 A: expected a text, found a number'],
    ['an unknown frontend', 'frontend: { type: haproxy }\n', "4:19 there is no frontend 'haproxy'"],
    [
      'a frontend of another backend',
      'frontend: { type: vllm }\n',
      '4:19 vllm needs the backend vllm; found sglang',
    ],
    ['lengths that are absent', 'benchmark: { type: sa-bench, concurrencies: 4x8 }\n', '4:1 missing isl'],
    ['two sources of Dynamo', 'dynamo: { hash: a, wheel: "1.2" }\n', '4:1 expected one source of Dynamo'],
  ])('%s', async (_, text, problem) => {
    const problems = await problemsOf(head + text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('in the override that causes it, and once if it is in the base', async () => {
    const text = `base:\n  name: r\n  model: { path: m, container: c, precision: fp8 }\n  resources: { gpu_type: h100, agg_workers: 1, gpu: 8 }\noverride_a:\n  frontend: { type: none }\noverride_b:\n  name: b\n`;
    const problems = await problemsOf(text);
    expect(problems).toEqual([expect.stringMatching(/^4:\d+ resources: unknown field|^4:\d+ .*'gpu'/)]);
    const [broken = ''] = await problemsOf(text.replace(', gpu: 8', ''));
    expect(broken).toContain("6:21 there is no frontend 'none'");
  });
});

test.each([
  ['r.yaml', 'r.yaml', undefined],
  ['a/r.yaml:zip_override_x[0]', 'a/r.yaml', 'zip_override_x[0]'],
  ['r.yaml:override_*', 'r.yaml', 'override_*'],
  ['a:b/r.yaml', 'a:b/r.yaml', undefined],
])('%s names a file and a selector', (named, file, selector) => {
  expect(namedVariant(named)).toEqual(selector === undefined ? { file } : { file, selector });
});
