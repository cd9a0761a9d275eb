import { describe, expect, test } from 'vitest';
import { plainStyle } from '../terminal/style.ts';
import { statusLines } from './live.ts';
import { Tally } from './tally.ts';

const point = { sessionId: 's', node: 'a', pointId: 'p' };
const figures = { resultFilename: 'r', outputThroughput: 1, medianTtftMs: 1, medianTpotMs: 1 };
const progress = {
  elapsedS: 1,
  total: 10,
  completed: 5,
  failed: 0,
  inFlight: 1,
  requestThroughput: 1,
  outputThroughput: 1,
  medianTtftMs: 1,
  medianTpotMs: 1,
  verdict: 'checked' as const,
};
const lines = (tally: Tally, nowMs: number, columns = 80) => statusLines(tally, nowMs, columns, plainStyle);
const started = (pointsLeft: number, nodes: string[]) =>
  ({ type: 'sweep-started', resumed: false, pointsLeft, nodes }) as const;

test('the status shows the sweep’s progress, its remaining time, and what each node is doing', () => {
  const tally = new Tally(4);
  expect(lines(tally, 0)).toEqual([]);
  tally.see(started(4, ['a', 'bb']), undefined, 0);
  tally.see({ type: 'engine-starting', sessionId: 's', node: 'a', start: 1, argv: [] }, 'starting', 0);
  tally.see({ type: 'point-finished', ...point, verdict: 'suspect', ...figures }, 'measured', 20_000);
  tally.see(
    { type: 'point-failed', ...point, failureClass: 'load-test', message: 'm', willRetry: false },
    'failed',
    40_000,
  );
  expect(lines(tally, 45_000)).toEqual([
    '2/4 points, about 35 s left, 1 failed, 1 suspect, 1 engine start',
    '  a   failed (5 s)',
    '  bb  idle (45 s)',
  ]);
});

describe('the time left', () => {
  test('includes points in progress, and decreases between two messages', () => {
    const tally = new Tally(2);
    tally.see(started(2, ['a']), undefined, 0);
    tally.see({ type: 'point-progress', ...point, progress }, 'measuring', 10_000);
    expect(tally.etaS(10_000)).toBe(30);
    expect(tally.etaS(25_000)).toBe(15);
    expect(tally.etaS(60_000)).toBe(0);
    expect(tally.share).toBe(0.25);
  });

  test('of a resumed sweep covers the remaining points, while points are counted over the whole sweep', () => {
    const tally = new Tally(8);
    tally.see({ ...started(6, ['a']), resumed: true }, undefined, 0);
    expect(lines(tally, 0)[0]).toBe('2/8 points');
    tally.see({ type: 'point-finished', ...point, verdict: 'checked', ...figures }, 'measured', 10_000);
    expect(lines(tally, 10_000)[0]).toBe('3/8 points, about 50 s left');
  });

  test('is hidden once the sweep is stopping, and busy nodes show that they stop their engine', () => {
    const tally = new Tally(2);
    tally.see(started(2, ['a', 'b']), undefined, 0);
    tally.see({ type: 'point-progress', ...point, progress }, 'measuring', 10_000);
    tally.stop(12_000);
    tally.see({ type: 'point-progress', ...point, progress }, 'measuring', 13_000);
    expect(lines(tally, 13_000)).toEqual([
      '0/2 points, stopping',
      '  a  stopping the engine',
      '  b  idle (13 s)',
    ]);
  });
});

test('a single node is not named, and 80 columns have room for its time and latencies', () => {
  const tally = new Tally(8);
  tally.see(started(8, ['a-node-with-a-long-name']), undefined, 0);
  const doing =
    'point 8/8, 96/32 conc 16: 12/160 requests, 16 in flight, 186.3 tok/s, TTFT 80 ms, TPOT 57.5 ms';
  tally.see({ type: 'point-progress', ...point, node: 'a-node-with-a-long-name', progress }, doing, 1000);
  const [, line = ''] = lines(tally, 60_000);
  expect(line).toMatch(/^ {2}point 8\/8 \(59 s\), 96\/32 conc 16: 12\/160 requests, /);
  expect(line.length).toBeLessThan(80);
});

test.each([20, 40, 80, 120])('no line is wider than %i columns', (columns) => {
  const tally = new Tally(1);
  tally.see(started(1, ['a'.repeat(100), 'b']), undefined, 0);
  for (const line of lines(tally, 0, columns)) expect(line.length).toBeLessThan(columns);
});
