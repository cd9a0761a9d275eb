import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadMasterConfigs } from '../../config/index.ts';
import { matrixEntrySchema } from '../../identity/index.ts';
import { fullSweep, type MatrixEntry } from '../index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workloads-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const served =
  'k:\n  image: i\n  model: m\n  model-prefix: p\n  runner: alpha\n  precision: fp4\n  framework: vllm\n  multinode: false\n  scenarios:\n';
const item = '        search-space:\n          - { tp: 1, conc-list: [1, 2] }\n';
const lengths = `    fixed-seq-len:\n      - isl: 64\n        osl: 8\n${item}`;
const desk = (more = '') =>
  `    shared-prefix:\n      - name: desk\n        prefix-len: 48\n        suffix-len: 16\n        output-len: 8\n${more}${item}`;

async function entriesOf(scenarios: string): Promise<readonly MatrixEntry[]> {
  const file = join(folder, 'master.yaml');
  await writeFile(file, `${served}${scenarios}`);
  return fullSweep(await loadMasterConfigs([file]), new Map([['alpha', ['alpha_0']]]));
}

test('a workload adds its own entries; those of fixed lengths are as without it', async () => {
  const plain = await entriesOf(lengths);
  const both = await entriesOf(`${desk()}${lengths}`);
  expect(both.slice(0, 2)).toEqual(plain);
  expect(JSON.stringify(both.slice(0, 2))).toBe(JSON.stringify(plain));
  expect(both.slice(2)).toMatchObject(
    [1, 2].map((conc) => ({
      conc,
      isl: 64,
      osl: 8,
      'max-model-len': 328,
      'scenario-type': 'shared-prefix',
      workload: expect.stringMatching(/^desk@[0-9a-f]{12}$/),
      traffic: { 'prefix-len': 48, 'suffix-len': 16, 'output-len': 8 },
    })),
  );
  for (const entry of both) expect(matrixEntrySchema.parse(entry)).toEqual(entry);
});

test('another definition is another workload, and so is another content of its file', async () => {
  const idOf = async (scenarios: string) => (await entriesOf(scenarios)).at(-1)?.workload;
  expect(await idOf(desk('        duration: 10\n'))).not.toBe(await idOf(desk()));
  const [first, second] = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl')];
  const own = (path: string) =>
    `    custom:\n      - name: own\n        dataset-path: ${path}\n        isl: 64\n        osl: 8\n${item}`;
  await writeFile(first, '{"prompt": "one"}\n');
  await writeFile(second, '{"prompt": "one"}\n');
  const before = await idOf(own(first));
  expect(await idOf(own(second))).toBe(before);
  await writeFile(first, '{"prompt": "two"}\n');
  expect(await idOf(own(first))).not.toBe(before);
});

test.each([
  [
    '        arrivals: { pattern: poisson }\n',
    ':15:9: arrivals: expected either rate or rate-per-conc, found neither',
  ],
  ['        until-precision: soon\n', ':15:26: until-precision: expected a percentage such as 2%'],
  ['        turns: 4\n', ":15:9: unknown field 'turns'"],
])('%s is refused at its place', async (more, message) => {
  await expect(entriesOf(desk(more))).rejects.toThrow(message);
});
