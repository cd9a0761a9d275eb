import { expect, test } from 'vitest';
import { noAccelerators } from '../accelerators/index.ts';
import { thisMachine } from '../hosts/index.ts';
import { activityInWords, deviceActivity } from './device-activity.ts';

const reading = (utilization: number | undefined, index = 0) => ({ index, utilization });

test.each([
  [[1, 1, 1], 'all 3 GPUs are 100 % busy'],
  [[0, 1], 'its GPUs are busy: 0 %, 100 %'],
  [[0.004], 'its GPU is 0 % busy'],
])('%j is %s', (shares, words) => {
  expect(activityInWords(shares.map(reading))).toBe(words);
});

test('is undefined if there are no devices, or if any device does not report its activity', async () => {
  expect(activityInWords([reading(undefined)])).toBeUndefined();
  expect(activityInWords([reading(Number.NaN), reading(1)])).toBeUndefined();
  expect(await deviceActivity(noAccelerators, [{ name: 'a', host: thisMachine }])).toBeUndefined();
});
