import { expect, test } from 'vitest';
import { verdictMeanings, verdictNamed, verdicts, worstVerdict } from './verdicts.ts';

test('reads the former name of a verdict, and rejects unknown names', () => {
  expect(verdictNamed('valid')).toBe('checked');
  expect(verdicts.map(verdictNamed)).toEqual(verdicts);
  expect(verdictMeanings.map(({ name }) => name)).toEqual(verdicts);
  expect(verdictNamed('good')).toBeUndefined();
});

test('a figure gets the worst verdict of its measurements', () => {
  expect(worstVerdict([{ verdict: 'checked' }, { verdict: 'suspect' }, { verdict: 'unchecked' }])).toBe(
    'suspect',
  );
  expect(worstVerdict([])).toBe('checked');
});
