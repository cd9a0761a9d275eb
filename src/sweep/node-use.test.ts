import { expect, test } from 'vitest';
import { type Failure, failureTable } from '../failures/index.ts';
import type { Launcher } from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import { locatedFailure } from './located.ts';
import type { SweepNode } from './node.ts';
import { NodeUse } from './node-use.ts';

function nodesOf(choosesNodes: boolean): SweepNode[] {
  const launcher: Launcher = {
    runs: 'containers',
    choosesNodes,
    endOrphans: async () => [],
    reserve: async () => {
      throw new Error('nothing is reserved here');
    },
  };
  return ['slot_0', 'slot_1'].map((name) => ({
    name,
    pool: 'h200',
    launcher,
    launcherKind: choosesNodes ? 'slurm' : 'docker',
    host: '0.0.0.0',
    port: 1,
    env: {},
  }));
}

const session: EngineSession = {
  id: 's',
  hardware: 'h200',
  runner: 'h200',
  launcher: 'slurm',
  framework: 'vllm',
  image: 'example/engine:v1',
  model: 'org/model',
  server: { args: [], env: {}, files: [], acceleratorCount: 8 },
  points: [],
};
const ecc: Failure = { failureClass: 'node-broken', message: 'the memory of a GPU is broken' };
const first = (nodes: readonly SweepNode[]) => {
  const [node] = nodes;
  if (node === undefined) throw new Error('there is a node');
  return node;
};

test("if a cluster chooses nodes, its node is excluded by the cluster's name and the slot stays in use", () => {
  const nodes = nodesOf(true);
  const use = new NodeUse(nodes, failureTable, []);
  const failures = [{ ...ecc, nodes: ['gpu-05'] }];
  expect(use.judge(session, first(nodes), { failures, nodes: ['gpu-05'] }, false)).toMatchObject([
    { node: 'gpu-05', pool: 'h200', broken: true },
  ]);
  expect(use.excludedFrom('h200')).toEqual(['gpu-05']);
  expect(use.isOut('slot_0')).toBe(false);
  // It is reported only once.
  expect(use.judge(session, first(nodes), { failures, nodes: ['gpu-05'] }, false)).toEqual([]);
});

test('if a session had several cluster nodes, only named ones are blamed', () => {
  const nodes = nodesOf(true);
  const use = new NodeUse(nodes, failureTable, []);
  const chosen = ['gpu-05', 'gpu-06'];
  const nameless = locatedFailure(ecc, chosen);
  expect(use.judge(session, first(nodes), { failures: [nameless], nodes: chosen }, false)).toEqual([]);
  const named = locatedFailure({ ...ecc, message: 'broken (srun: error: gpu-06: task 0: Killed)' }, chosen);
  expect(named.nodes).toEqual(['gpu-06']);
  use.judge(session, first(nodes), { failures: [named], nodes: chosen }, false);
  expect(use.excludedFrom('h200')).toEqual(['gpu-06']);
});

test('a failed step names its nodes, and node names are matched exactly', () => {
  expect(locatedFailure({ ...ecc, nodes: ['gpu-1'] }, ['gpu-1', 'gpu-10']).nodes).toEqual(['gpu-1']);
  expect(locatedFailure({ ...ecc, message: 'on gpu-10' }, ['gpu-1', 'gpu-10']).nodes).toEqual(['gpu-10']);
  expect(locatedFailure({ ...ecc, nodes: ['x'] }, []).nodes).toBeUndefined();
});

test('a node of the sweep is quarantined, unless it is the last of its pool', () => {
  const nodes = nodesOf(false);
  const use = new NodeUse(nodes, failureTable, []);
  const judged = (node: SweepNode) => use.judge(session, node, { failures: [ecc], nodes: [] }, false);
  expect(nodes.flatMap(judged)).toMatchObject([{ node: 'slot_0' }]);
  expect([use.isOut('slot_0'), use.isOut('slot_1')]).toEqual([true, false]);
});

test('nodes that earlier sweeps found broken stay out of use, with a hint on how to return them to service', () => {
  const sinceAt = '2026-01-02T03:04:05.000Z';
  const broken = { pool: 'h200', reason: 'node-broken: ECC', sinceAt };
  const own = new NodeUse(nodesOf(false), failureTable, [{ ...broken, node: 'slot_1' }]);
  expect(own.isOut('slot_1')).toBe(true);
  const cluster = new NodeUse(nodesOf(true), failureTable, [{ ...broken, node: 'gpu-05' }]);
  expect(cluster.excludedFrom('h200')).toEqual(['gpu-05']);
  expect(cluster.brokenOf(new Set(['h200']))[0]?.reason).toContain(
    'since 2026-01-02; `inferencemax doctor --pool h200 --node gpu-05` returns it to service',
  );
  expect(cluster.brokenOf(new Set(['other']))).toEqual([]);
});
