import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuGrowth } from '../test/support/cpu-proportion.ts';
import { parseJson } from './bounded-json.ts';

const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"]}\\"["${'}]'.repeat(levels / 2)}`;

test('what is nested up to the bound is read, and brackets in texts do not count', () => {
  expect(parseJson(nested(128))).toEqual(JSON.parse(nested(128)));
  const text = JSON.stringify({ text: '[{"\\'.repeat(1000), 'k["': 1 });
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(() => parseJson(nested(130))).toThrow('it is nested more than 128 levels deep');
  expect(() => parseJson('['.repeat(10_000_000))).toThrow('it is nested more than 128 levels deep');
});

test('every JSON value that is not too deep is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('the time is in proportion to the text', () => {
  for (const piece of ['"\\\\', '\\"', '"\\"', '{"a"']) {
    const growth = cpuGrowth(2_000, (size) => {
      const text = piece.repeat(size);
      return () => {
        try {
          parseJson(text);
        } catch {
          // That it is no JSON is not what is asked here.
        }
      };
    });
    expect(growth, piece).toBeLessThan(6);
  }
});
