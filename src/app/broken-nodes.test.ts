import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BrokenNodes } from './broken-nodes.ts';
import { StateFolder } from './state-folder.ts';

let state: StateFolder;
beforeEach(async () => {
  state = new StateFolder(await mkdtemp(join(tmpdir(), 'broken-nodes-')));
});
afterEach(async () => await rm(state.path, { recursive: true }));

const node = {
  pool: 'h200',
  node: 'gpu-05',
  reason: 'node-broken in session s: ECC',
  sinceAt: '2026-01-02T03:04:05.000Z',
};

test('a broken node stays recorded for later sweeps until it is removed', async () => {
  expect(await new BrokenNodes(state).all()).toEqual([]);
  await new BrokenNodes(state).add(node);
  await new BrokenNodes(state).add({ ...node, node: 'a/../b' });
  expect((await new BrokenNodes(state).all()).map((each) => each.node).toSorted()).toEqual([
    'a/../b',
    'gpu-05',
  ]);
  await new BrokenNodes(state).remove(node);
  expect((await new BrokenNodes(state).all()).map((each) => each.node)).toEqual(['a/../b']);
  expect(await readdir(state.path)).toEqual(['broken-nodes']);
});

test('nodes with the same name in two pools are two nodes', async () => {
  const broken = new BrokenNodes(state);
  await broken.add(node);
  await broken.add({ ...node, pool: 'h100' });
  await broken.remove(node);
  expect(await broken.all()).toEqual([{ ...node, pool: 'h100' }]);
});

test('a file that is not such a record is ignored', async () => {
  await new BrokenNodes(state).add(node);
  await writeFile(join(state.brokenNodes, 'x.json'), '{"pool": 3');
  expect(await new BrokenNodes(state).all()).toEqual([node]);
});
