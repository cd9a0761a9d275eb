import { expect, test } from 'vitest';
import { nodesNeeded, placeWorkers } from './place-workers.ts';

const group = { tasksPerNode: 4, env: { PEERS: '{{nodes}}' } };
const workers = [
  { role: 'frontend', workers: 1, nodesPerWorker: 0, ...group, argv: ['serve', '{{port}}', '{{head}}'] },
  { role: 'prefill', workers: 2, nodesPerWorker: 1, ...group, argv: ['prefill', '{{worker}}', '{{first}}'] },
  { role: 'decode', workers: 1, nodesPerWorker: 2, ...group, argv: ['decode', '{{other}}'] },
];
const request = { sessionId: 's', argv: [], env: {}, host: '0.0.0.0', port: 8888, logPath: '/l', workers };

test('workers take nodes in order; a group without nodes runs on the first', () => {
  expect(nodesNeeded(workers)).toBe(4);
  expect(
    placeWorkers(request, ['a', 'b', 'c', 'd']).map(({ name, nodes, argv, env }) => [
      name,
      nodes.join(),
      argv.join(' '),
      env.PEERS,
    ]),
  ).toEqual([
    ['frontend-0', 'a', 'serve 8888 a', 'a'],
    ['prefill-0', 'a', 'prefill 0 a', 'a'],
    ['prefill-1', 'b', 'prefill 1 b', 'b'],
    ['decode-0', 'c,d', 'decode {{other}}', 'c,d'],
  ]);
});

test('fewer nodes than the workers need is an error that says both', () => {
  expect(() => placeWorkers(request, ['a', 'b'])).toThrow('session s needs 4 nodes and has 2');
});
