import { expect, test } from 'vitest';
import { loadFindings } from './node-load.ts';

test('a load above the number of CPUs in the last minute is a warning, whatever the load before', () => {
  expect(loadFindings('7.52 0.10 0.05 9/412 30211\n', 2)).toMatchObject([
    { check: 'load', state: 'warning', message: expect.stringContaining('a load of 7.52 on 2 CPUs') },
  ]);
  expect(loadFindings('7.52 90.0 90.0 9/412 30211\n', 8)).toMatchObject([{ state: 'ok' }]);
});

test('an unreadable load gives no finding', () => {
  expect(loadFindings('', 2)).toEqual([]);
});
