import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notReplayed } from '../../test/support/not-replayed.ts';
import { onePointSession } from '../../test/support/one-point-session.ts';
import { engineFor } from '../engines/index.ts';
import { failureTable } from '../failures/index.ts';
import { EngineFailure, type Launcher } from '../launchers/index.ts';
import { claimsOf, type Machine, nodesFor, runSweep, SweepDirectory, type SweepNode } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-machine-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const names = ['lab_0', 'lab_1'];

/** A session of one point for one node of the pool. */
const sessionOn = (runner: string) => onePointSession({ id: `on-${runner}`, runner, hardware: 'lab' });

/** Whether two sessions, one per node, ever run at the same time. */
async function runBesideEachOther(nodes: readonly Pick<SweepNode, 'machine' | 'port'>[]): Promise<boolean> {
  const told: string[] = [];
  const launcher: Launcher = {
    runs: 'containers',
    endOrphans: async () => [],
    reserve: async () => {
      throw new EngineFailure('cannot-start', 'nothing is started here');
    },
  };
  const directory = new SweepDirectory(join(folder, `${Math.random()}`));
  const sweep = {
    sweepId: 's',
    createdAt: new Date(0).toISOString(),
    command: 'test',
    plan: { sessions: names.map(sessionOn) },
  };
  await directory.write(sweep);
  const locked = new Set<string>();
  await runSweep(directory, sweep, {
    nodes: nodes.map((node, index) => ({
      ...node,
      name: names[index] ?? '',
      pool: 'lab',
      launcher,
      launcherKind: 'docker',
      host: '127.0.0.1',
      env: {},
    })),
    lockNode: async (claims) => {
      expect(claims.filter((claim) => locked.has(claim))).toEqual([]);
      for (const claim of claims) locked.add(claim);
      return async () => {
        for (const claim of claims) locked.delete(claim);
      };
    },
    tools: {
      engineFor,
      provision: async () => ({ modelPath: 'org/model', provenance: {} }),
      replay: notReplayed,
      measure: async () => {
        throw new Error('nothing is measured here');
      },
      provenance: {},
    },
    rules: failureTable,
    estimateS: () => undefined,
    now: () => new Date(0),
    onEvent: ({ type }) => {
      if (type === 'session-assigned' || type === 'session-failed') told.push(type);
    },
    signal: new AbortController().signal,
  });
  expect(told.toSorted()).toEqual([
    'session-assigned',
    'session-assigned',
    'session-failed',
    'session-failed',
  ]);
  return told[1] === 'session-assigned';
}

const machine = (name: string, hasAccelerators: boolean): Machine => ({ name, hasAccelerators });

test.each([
  [
    'the accelerators of one machine',
    [
      { machine: machine('a', true), port: 1 },
      { machine: machine('a', true), port: 2 },
    ],
    false,
  ],
  [
    'a port of one machine',
    [
      { machine: machine('a', false), port: 1 },
      { machine: machine('a', false), port: 1 },
    ],
    false,
  ],
  [
    'nothing: other ports of a machine without accelerators',
    [
      { machine: machine('a', false), port: 1 },
      { machine: machine('a', false), port: 2 },
    ],
    true,
  ],
  [
    'nothing: different machines',
    [
      { machine: machine('a', true), port: 1 },
      { machine: machine('b', true), port: 1 },
    ],
    true,
  ],
  ['nothing: slots of a cluster', [{ port: 1 }, { port: 1 }], true],
])('nodes share %s', async (_, nodes, beside) => {
  expect(await runBesideEachOther(nodes)).toBe(beside);
});

test('a pool uses one of several nodes with the same accelerators, unless another one is named', () => {
  const nodes = ['lab_0', 'lab_1', 'lab_2'].map((name, index) => ({
    name,
    pool: 'lab',
    machine: machine(index < 2 ? 'here' : 'there', true),
  }));
  const namesFor = (runner: string) => nodesFor({ hardware: 'lab', runner }, nodes).map(({ name }) => name);
  expect(namesFor('lab')).toEqual(['lab_0', 'lab_2']);
  expect(namesFor('lab_1')).toEqual(['lab_1']);
});

test('a node claims its name, its port and the accelerators of its machine', () => {
  expect(claimsOf({ name: 'n', port: 1 })).toEqual(['n']);
  expect(claimsOf({ name: 'n', port: 1, machine: machine('m', true) })).toEqual([
    'n',
    'port 1 of m',
    'accelerators of m',
  ]);
  expect(claimsOf({ name: 'n', port: 1, machine: machine('m', false) })).toEqual(['n', 'port 1 of m']);
});
