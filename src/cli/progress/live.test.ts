import { expect, test } from 'vitest';
import { statusLines } from './live.ts';
import { Tally } from './tally.ts';

const point = { sessionId: 's', node: 'a', pointId: 'p' };
const figures = { resultFilename: 'r', outputThroughput: 1, medianTtftMs: 1, medianTpotMs: 1 };

test('the status says how far the sweep is, when it will be done, and what each node does', () => {
  const tally = new Tally();
  expect(statusLines(tally, 0, 80)).toEqual([]);
  tally.see({ type: 'sweep-started', resumed: false, pointsLeft: 4, nodes: ['a', 'bb'] }, undefined, 0);
  tally.see({ type: 'engine-starting', sessionId: 's', node: 'a', start: 1, argv: [] }, 'starting', 0);
  tally.see({ type: 'point-finished', ...point, verdict: 'suspect', ...figures }, 'measured', 20_000);
  tally.see(
    { type: 'point-failed', ...point, failureClass: 'load-test', message: 'm', willRetry: false },
    'failed',
    40_000,
  );
  expect(statusLines(tally, 45_000, 80)).toEqual([
    '2/4 points, 1 suspect, 1 failed, 1 engine start, about 45 s left',
    '  a   failed (5 s)',
    '  bb  idle (45 s)',
  ]);
});

test('no line is wider than the terminal', () => {
  const tally = new Tally();
  tally.see({ type: 'sweep-started', resumed: false, pointsLeft: 1, nodes: ['a'.repeat(100)] }, undefined, 0);
  for (const line of statusLines(tally, 0, 40)) expect(line.length).toBeLessThan(40);
});
