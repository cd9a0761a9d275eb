import { expect, test } from 'vitest';
import { questionParams, speedBounds, ttftBounds } from '../state/question.ts';
import { boundsWords, typedNumber } from './typed-number.ts';

test.each([
  ['80', 80],
  ['0.001', 0.001],
  ['0', 'wrong'],
  ['2e6', 'wrong'],
  ['', 'empty'],
] as const)('%s is %s as a speed', (text, meaning) => {
  expect(typedNumber(text, speedBounds)).toBe(meaning);
});

test('an unfinished number is not taken for an empty field, which would mean the usual value', () => {
  expect(typedNumber('', speedBounds, true)).toBe('wrong');
});

test('an address accepts what a field accepts, so that no other value replaces what was typed', () => {
  const { speed, ttft } = questionParams;
  for (const { param, bounds } of [
    { param: speed, bounds: speedBounds },
    { param: ttft, bounds: ttftBounds },
  ]) {
    for (const value of [bounds.min, bounds.max]) {
      expect(typedNumber(String(value), bounds)).toBe(value);
      expect(param.parse(String(value))).toBe(value);
    }
    for (const value of [bounds.min / 2, 2 * bounds.max]) {
      expect(typedNumber(String(value), bounds)).toBe('wrong');
      expect(param.parse(String(value))).toBeUndefined();
    }
  }
});

test('the bounds in words', () => {
  expect(boundsWords(speedBounds)).toBe('a number from 0.001 to 1,000,000');
  expect(boundsWords({ min: 0, max: Number.POSITIVE_INFINITY })).toBe('a number of at least 0');
});
