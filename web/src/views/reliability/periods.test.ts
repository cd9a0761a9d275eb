import { expect, test } from 'vitest';
import { intervalsOf, type Period, periodAsked, periodKey } from './periods.ts';

const period = (days: number | null): Period => ({
  days,
  from: '2026-01-01',
  to: '2026-06-14',
  groups: [],
  jobs: [],
});

test('the initial period has a fixed length if there is one, because all days differ between hardware', () => {
  const all = [period(30), period(90), period(null)];
  const asked = (key: string, of = all) => {
    const found = periodAsked(of, key);
    return found && periodKey(found);
  };
  expect(asked('')).toBe('90');
  expect(asked('30')).toBe('30');
  expect(asked('all')).toBe('all');
  expect(asked('7')).toBe('90');
  expect(asked('', [period(null)])).toBe('all');
  expect(asked('', [])).toBeUndefined();
});

test('many days become weeks from Monday to Sunday, and weeks without any count are left out', () => {
  const { each, intervals } = intervalsOf([
    { day: '2026-06-01', ended: 10, succeeded: 5 },
    { day: '2026-06-07', ended: 20, succeeded: 20 },
    { day: '2026-06-08', ended: 1, succeeded: 0 },
    { day: '2026-06-28', ended: 2, succeeded: 1 },
  ]);
  expect(each).toBe('week');
  expect(intervals).toEqual([
    { from: '2026-06-01', to: '2026-06-07', ended: 30, succeeded: 25 },
    { from: '2026-06-08', to: '2026-06-14', ended: 1, succeeded: 0 },
    { from: '2026-06-22', to: '2026-06-28', ended: 2, succeeded: 1 },
  ]);
});

test('few days stay days', () => {
  const { each, intervals } = intervalsOf([
    { day: '2026-06-01', ended: 10, succeeded: 5 },
    { day: '2026-06-20', ended: 20, succeeded: 20 },
  ]);
  expect([each, intervals.map(({ to }) => to)]).toEqual(['day', ['2026-06-01', '2026-06-20']]);
});
