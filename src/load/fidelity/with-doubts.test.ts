import { expect, test } from 'vitest';
import { withDoubts } from './verdict.ts';

test('doubts about the machine make a measurement suspect, and leave an invalid one invalid', () => {
  const doubts = ['the host was overloaded'];
  expect(withDoubts({ verdict: 'checked', reasons: [] }, doubts)).toEqual({
    verdict: 'suspect',
    reasons: doubts,
  });
  expect(withDoubts({ verdict: 'invalid', reasons: ['no request completed'] }, doubts)).toEqual({
    verdict: 'invalid',
    reasons: ['no request completed', ...doubts],
  });
  expect(withDoubts({ verdict: 'checked', reasons: [] }, [])).toEqual({ verdict: 'checked', reasons: [] });
});
