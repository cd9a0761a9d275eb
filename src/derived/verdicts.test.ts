import { expect, test } from 'vitest';
import { verdictMeanings, verdictNamed, verdicts, worstVerdict } from './verdicts.ts';

test('what an earlier version called valid is checked, and what is no verdict is none', () => {
  expect(verdictNamed('valid')).toBe('checked');
  expect(verdicts.map(verdictNamed)).toEqual(verdicts);
  expect(verdictMeanings.map(({ name }) => name)).toEqual(verdicts);
  expect(verdictNamed('good')).toBeUndefined();
});

test('a figure is as good as the worst that it rests on', () => {
  expect(worstVerdict([{ verdict: 'checked' }, { verdict: 'suspect' }, { verdict: 'unchecked' }])).toBe(
    'suspect',
  );
  expect(worstVerdict([])).toBe('checked');
});
