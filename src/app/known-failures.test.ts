import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineFor } from '../engines/index.ts';
import { knowing, userFailures } from './known-failures.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-failures-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

async function rowsOf(yaml: string) {
  const file = join(folder, 'known-failures.yaml');
  await writeFile(file, yaml);
  return await userFailures(file);
}

test('rows of a site are matched before those of the product', async () => {
  const rows = await rowsOf(`
- pattern: "license server .* unreachable"
  meaning: the licence server of the cluster does not answer
  todo: tell the people of the cluster
  class: throttled
`);
  const engine = knowing(engineFor('vllm'), rows);
  const log = 'RuntimeError: License server lic-1 unreachable: No space left on device';
  expect(engine.explainExit(log)).toMatchObject({
    failureClass: 'throttled',
    meaning: 'the licence server of the cluster does not answer',
  });
  expect(engineFor('vllm').explainExit(log)?.failureClass).toBe('node-broken');
});

test('without the file there are no rows', async () => {
  expect(await userFailures(join(folder, 'nope.yaml'))).toEqual([]);
});

test.each([
  ['- { pattern: "(", meaning: m, todo: t, class: hung }', /is not a valid regular expression/],
  ['- { pattern: x, meaning: m, todo: t, class: broken }', /class/],
  ['- { pattern: x, meaning: m, todo: t, class: hung, retry: 3 }', /retry/],
])('%s is rejected with its place', async (yaml, problem) => {
  await expect(rowsOf(yaml)).rejects.toThrow(problem);
  await expect(rowsOf(yaml)).rejects.toThrow(/known-failures\.yaml:1:\d+/);
});
