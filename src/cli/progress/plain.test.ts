import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Sweep, SweepEvent } from '../../sweep/index.ts';
import { plainStyle } from '../terminal/style.ts';
import { plainReporter } from './plain.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-14T10:15:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const sweep: Sweep = {
  sweepId: 's',
  createdAt: '2026-01-14T10:15:00Z',
  command: 'run',
  plan: { sessions: [] },
};
const started: SweepEvent = { type: 'sweep-started', resumed: false, pointsLeft: 1, nodes: ['n'] };
const waiting: SweepEvent = {
  type: 'waiting',
  sessionId: 'a',
  node: 'n',
  what: 'the engine to be ready',
  timeoutS: 120,
};

function reporting(saysStanding = true) {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text.slice('10:15:00 '.length).trimEnd()) };
  return {
    lines,
    reporter: plainReporter(sweep, output, { now: () => new Date(), style: plainStyle, saysStanding }),
  };
}

test('during a long silence, a line every ten seconds says what the sweep waits for', () => {
  const { lines, reporter } = reporting();
  reporter.event(started);
  reporter.event(waiting);
  vi.advanceTimersByTime(25_000);
  expect(lines.slice(1)).toEqual([
    'waiting for the engine to be ready, at most 120 s',
    'waiting for the engine to be ready, at most 120 s (10 s)',
    'waiting for the engine to be ready, at most 120 s (20 s)',
  ]);
  reporter.event({ type: 'engine-stopped', sessionId: 'a', node: 'n' });
  vi.advanceTimersByTime(60_000);
  expect(lines.at(-1)).toBe('engine stopped');
  reporter.close();
});

test('if there is a status below the lines, the lines do not repeat it', () => {
  const { lines, reporter } = reporting(false);
  reporter.event(started);
  reporter.event(waiting);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
});

test('a point is one line, printed when it has been measured', () => {
  const { lines, reporter } = reporting();
  const point = { sessionId: 'a', pointId: 'p', node: 'n' };
  reporter.event({ type: 'point-started', ...point, attempt: 1 });
  reporter.event({
    type: 'point-finished',
    ...point,
    resultFilename: 'r',
    verdict: 'checked',
    outputThroughput: 10,
    medianTtftMs: 20,
    medianTpotMs: 3,
  });
  expect(lines).toEqual(['point p: checked, 10.0 tok/s, TTFT 20 ms, TPOT 3.0 ms']);
  reporter.event({ type: 'point-started', ...point, attempt: 2 });
  expect(lines.at(-1)).toBe('point p: attempt 2');
});

test('the line of a suspect point has the reason', () => {
  const { lines, reporter } = reporting();
  const suspect = {
    type: 'point-finished',
    sessionId: 'a',
    pointId: 'p',
    node: 'n',
    resultFilename: 'r',
    verdict: 'suspect',
    outputThroughput: 10,
    medianTtftMs: 20,
    medianTpotMs: 3,
  } as const;
  reporter.event({ ...suspect, reasons: ['the event loop was late by 60 ms'] });
  reporter.event({ ...suspect, reasons: ['2 of 80 requests failed', 'the event loop was late by 60 ms'] });
  const figures = '10.0 tok/s, TTFT 20 ms, TPOT 3.0 ms';
  expect(lines).toEqual([
    `point p: suspect, ${figures}, because the event loop was late by 60 ms`,
    `point p: suspect, ${figures}, because 2 of 80 requests failed and 1 more`,
  ]);
});
