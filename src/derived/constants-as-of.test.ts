import { expect, test } from 'vitest';
import { constantsAsOf, monthsOfConstants } from './constants-as-of.ts';

const figure = (...values: [value: number, asOf: string][]) => {
  const [newest, ...before] = values.map(([value, asOf]) => ({ value, asOf, source: `of ${asOf}` }));
  if (newest === undefined) throw new Error('a figure has a value');
  return { ...newest, before };
};
const h100 = {
  name: 'H100',
  allInPowerKw: figure([1.37, '2026-08'], [1.73, '2026-04']),
  usdPerGpuHour: {
    hyperscaler: figure([1.17, '2026-08']),
    rental: figure([2, '2026-09'], [1.78, '2026-08'], [1.3, '2026-04']),
  },
};

test.each([
  ['2026-03', [undefined, undefined, undefined]],
  ['2026-04', [1.73, undefined, 1.3]],
  ['2026-07', [1.73, undefined, 1.3]],
  ['2026-08', [1.37, 1.17, 1.78]],
  ['2026-12', [1.37, 1.17, 2]],
])('in %s, the newest values of that time are known, and later ones are not', (month, expected) => {
  const { name, allInPowerKw, usdPerGpuHour } = constantsAsOf(h100, month);
  expect(name).toBe('H100');
  expect([allInPowerKw, usdPerGpuHour.hyperscaler, usdPerGpuHour.rental].map((one) => one?.value)).toEqual(
    expected,
  );
});

test('months are those in which any figure changed, newest first', () => {
  expect(monthsOfConstants([h100, { usdPerGpuHour: {} }])).toEqual(['2026-09', '2026-08', '2026-04']);
});
