import { expect, test } from 'vitest';
import { placeSteps } from './place-steps.ts';

const step = { tasksPerNode: 4, mpi: true, env: { HEAD: '{host:0}' } };
const steps = [
  { name: 'decode-0', nodes: [1, 2], ...step, argv: ['serve', '--peers={host:1},{host:2}'] },
  {
    name: 'frontend-0',
    nodes: [0],
    ...step,
    argv: ['serve', '{port}'],
    files: [{ path: 'f', content: '{host:0}:1' }],
  },
];

test('steps get their nodes, and node names are filled into commands, environment and files', () => {
  expect(placeSteps('s', steps, ['a', 'b', 'c'])).toEqual([
    {
      ...step,
      name: 'decode-0',
      nodes: ['b', 'c'],
      argv: ['serve', '--peers=b,c'],
      env: { HEAD: 'a' },
      files: [],
    },
    {
      ...step,
      name: 'frontend-0',
      nodes: ['a'],
      argv: ['serve', '{port}'],
      env: { HEAD: 'a' },
      files: [{ path: 'f', content: 'a:1' }],
    },
  ]);
});

test('a missing node is an error that says how many nodes the session has', () => {
  expect(() => placeSteps('s', steps, ['a', 'b'])).toThrow('session s needs node 2 and has 2 nodes');
});
