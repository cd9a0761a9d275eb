import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuGrowth } from '../test/support/cpu-proportion.ts';
import { parseJson } from './bounded-json.ts';

const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"]}\\"["${'}]'.repeat(levels / 2)}`;

test('nesting up to the limit is accepted, and brackets in strings do not count', () => {
  expect(parseJson(nested(128))).toEqual(JSON.parse(nested(128)));
  const text = JSON.stringify({ text: '[{"\\'.repeat(1000), 'k["': 1 });
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(() => parseJson(nested(130))).toThrow('it is nested more than 128 levels deep');
  expect(() => parseJson('['.repeat(10_000_000))).toThrow('it is nested more than 128 levels deep');
});

test('long lists before the nested part do not hide it', () => {
  const flat = '"a","b\\"[{",1,'.repeat(1500);
  const text = `[${flat}${nested(126)}]`;
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(() => parseJson(`[${flat}${nested(128)}]`)).toThrow('it is nested more than 128 levels deep');
});

test('any JSON value that is not too deep is parsed like JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('the time is proportional to the length', () => {
  for (const piece of ['"\\\\', '\\"', '"\\"', '{"a"']) {
    const growth = cpuGrowth(2_000, (size) => {
      const text = piece.repeat(size);
      return () => {
        try {
          parseJson(text);
        } catch {
          // The text is not JSON, but only the time matters here.
        }
      };
    });
    expect(growth, piece).toBeLessThan(6);
  }
});
