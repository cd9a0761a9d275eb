import { expect, test } from 'vitest';
import { doubtOfHost } from './overload.ts';

const host = (mean: number) => ({ host: { runnable_tasks: { mean, min: 0, p50: mean, max: mean } } });
const cpu = { model: 'any', count: 2 };

test('a host with many more runnable tasks than CPUs is a reason for doubt', () => {
  expect(doubtOfHost(host(11), { cpu })).toMatch(/11\.0 tasks competed for its 2 CPUs/);
});

test('an engine with one thread per CPU, and the client next to it, is not', () => {
  expect(doubtOfHost(host(5), { cpu })).toBeUndefined();
});

test('unknown figures are not a reason for doubt', () => {
  expect(doubtOfHost({}, { cpu })).toBeUndefined();
  expect(doubtOfHost(host(100), {})).toBeUndefined();
});
