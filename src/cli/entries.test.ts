import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { entriesFrom } from './entries.ts';

const fixed = {
  image: 'example/engine:1',
  model: 'org/model',
  'model-prefix': 'm',
  precision: 'fp8',
  framework: 'vllm',
  runner: 'pool',
  isl: 8192,
  osl: 1024,
  tp: 1,
  conc: 16,
  'max-model-len': 9472,
  ep: 1,
  'dp-attn': false,
  'spec-decoding': 'none',
  'exp-name': 'm_8k1k',
  disagg: false,
  'run-eval': false,
};
const check = { ...fixed, 'run-eval': true, 'eval-only': true };
const { isl: _, osl: __, 'max-model-len': ___, disagg: ____, ...rest } = fixed;
const traces = {
  ...rest,
  'kv-offloading': 'none',
  'total-cpu-dram-gb': 0,
  duration: 3600,
  'scenario-type': 'agentic-coding',
};
const change = (more: object) => ({
  single_node: {},
  multi_node: {},
  evals: [],
  agentic_evals: [],
  multinode_evals: [],
  multinode_agentic_evals: [],
  ...more,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entries-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function entriesOf(content: unknown) {
  const file = join(folder, 'entries.json');
  await writeFile(file, JSON.stringify(content));
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  return { entries: (await entriesFrom({ entries: file })).entries, said: said.join('') };
}

test('of a change, what a sweep measures is planned, and a warning says what is left out', async () => {
  const { entries, said } = await entriesOf(
    change({ single_node: { '8k1k': [fixed], agentic: [traces] }, evals: [check, check] }),
  );
  // The model has the corpus of limited context.
  const lengths = { isl: 256_000, osl: 256_000, 'max-model-len': 256_000 };
  expect(entries).toEqual([fixed, { ...traces, ...lengths, disagg: false }]);
  expect(said).toMatch(/^warning: .*entries\.json: left out: 2 eval-only entries; a sweep evaluates/);
});

test('a change in the form of January, without lists of checks, is planned without a warning', async () => {
  expect(await entriesOf({ single_node: { '8k1k': [fixed] }, multi_node: {} })).toEqual({
    entries: [fixed],
    said: '',
  });
});

test.each([
  [
    'a change of which nothing can be planned',
    change({ evals: [check] }),
    /it has only 1 eval-only entry; a sweep/,
  ],
  [
    'a list with a check of answers alone',
    [fixed, check],
    /m_8k1k is an eval-only entry, which cannot be run/,
  ],
  [
    'a change with a wrong entry',
    change({ single_node: { '8k1k': [{ ...fixed, tp: 'x' }] } }),
    /not a list of matrix entries: single_node\.8k1k\[0\]\.tp: expected a number/,
  ],
])('%s is refused', async (_what, content, expected) => {
  await expect(entriesOf(content)).rejects.toThrow(expected);
});
