import { expect, test } from 'vitest';
import { doubtOfHost } from './overload.ts';

const host = (mean: number) => ({ host: { runnable_tasks: { mean, min: 0, p50: mean, max: mean } } });
const cpu = { model: 'any', count: 2 };

test('a host on which many more tasks than CPUs want one is a reason for doubt', () => {
  expect(doubtOfHost(host(11), { cpu })).toMatch(/11\.0 tasks competed for its 2 CPUs/);
});

test('an engine with a thread for each CPU and the client beside it are none', () => {
  expect(doubtOfHost(host(5), { cpu })).toBeUndefined();
});

test('what cannot be told is none', () => {
  expect(doubtOfHost({}, { cpu })).toBeUndefined();
  expect(doubtOfHost(host(100), {})).toBeUndefined();
});
