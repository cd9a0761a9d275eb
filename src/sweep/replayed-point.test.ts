import { expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import { publicReplay } from '../workload/index.ts';
import { askedTimeS } from './replayed-point.ts';

test('the deadline of a point leaves the time for which it is to send', () => {
  expect(askedTimeS(someEntry)).toBe(0);
  expect(askedTimeS({ ...someEntry, traffic: { duration: 7200 } })).toBe(7200);
  const replayed = { ...someEntry, 'scenario-type': 'agentic-coding', duration: 1200 };
  expect(askedTimeS(replayed)).toBe(1200 + publicReplay.graceS);
});
