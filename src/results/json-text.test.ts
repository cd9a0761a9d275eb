import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import { jsonFault } from './json-fault.ts';
import { jsonValue, jsonValues, textOfBytes } from './json-text.ts';

const values = (text: string) => jsonValues('x.json', text).map(({ value }) => value);

describe('jsonValues', () => {
  test.each([
    ['one value', '{"a": 1}', [{ a: 1 }]],
    ['lines, empty ones among them', '\n{"a": 1}\r\n\r\n{"a": 2}\n', [{ a: 1 }, { a: 2 }]],
    ['values on several lines each', '{\n"a": 1\n}\n{\n"a":\n2}', [{ a: 1 }, { a: 2 }]],
    ['values without a break between them', '{"a": 1}{"a": 2}[3]', [{ a: 1 }, { a: 2 }, [3]]],
    ["Python's numbers", '[NaN, Infinity,-Infinity]', [['NaN', Infinity, -Infinity]]],
    ["Python's numbers in lines", '{"a":NaN}\n{"a":Infinity}', [{ a: 'NaN' }, { a: Infinity }]],
    [
      'words like numbers in strings, which stay',
      String.raw`{"a": NaN, "NaN": "NaN, Infinity, \", -Infinity]", "b": "\\", "c": Infinity}`,
      [{ a: 'NaN', NaN: 'NaN, Infinity, ", -Infinity]', b: '\\', c: Infinity }],
    ],
  ])('reads %s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  test.each([
    ['', 'x.json: not JSON: it is empty'],
    [' \n ', 'x.json: not JSON: it is empty'],
    ['none', 'x.json:1:1: not JSON: expected a value, found "none"'],
    ['{"a": 1,\n "b": }', 'x.json:2:7: not JSON: expected a value, found "}"'],
    ['{"a": nan}', 'x.json:1:7: not JSON: expected a value, found "nan}"'],
    ['{"a": NaNs}', 'x.json:1:7: not JSON: expected a value'],
    ['{"a": NaN,\n "b" 1}', "x.json:2:6: not JSON: expected ':' after the name, found"],
    ['{"a": 1\n', 'x.json:1:8: not JSON: it ends in the middle of a value'],
    ['{"a": 1}\n{"a":\n [2', 'x.json:3:4: not JSON: it ends in the middle of a value'],
    ['{"a": 1}\n{"a":\n [2', '; the value opens on line 2'],
    ['{"a": "b\n', 'x.json:2:1: not JSON: it ends in the middle of a string'],
    ['{"a": 1}\n}', 'x.json:2:1: not JSON: expected a value'],
    ['{"a": "b\\x"}', 'x.json:1:7: not JSON: expected a value, found'],
  ])('says where and why %j is not JSON', (text, message) => {
    expect(() => values(text)).toThrow(message);
  });

  test('keeps every value, whatever its strings say', () => {
    const word = fc.constantFrom('NaN', 'Infinity', '-Infinity', '"', '\\', ', ', ': ', '{', ']', '\n', 'é');
    const string = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
    const number = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -1.5, 1e300);
    // Names without escapes: V8 13.6 confuses two escaped names of one character that follow on the same names.
    const name = fc.constantFrom('NaN', 'Infinity', '-Infinity', 'a, NaN', '{', ']', ':', 'é');
    const document = fc.dictionary(
      name,
      fc.oneof(string, number, fc.array(fc.oneof(string, number), { maxLength: 4 })),
      { maxKeys: 5, noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 4 }), (documents) => {
        const read = values(documents.map(asPython).join('\n'));
        expect(read).toEqual(documents.map(withNamedNaN));
      }),
    );
  });
});

describe('jsonFault', () => {
  test('agrees with the parser on what is JSON', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', ',', '}', ']', '1', 'x', '\\'),
        (json, at, put) => {
          const offset = at % (json.length + 1);
          const text = `${json.slice(0, offset)}${put}${json.slice(offset + put.length)}`;
          const isJson = (() => {
            try {
              JSON.parse(text);
              return true;
            } catch {
              return false;
            }
          })();
          expect(jsonFault(text) === undefined).toBe(isJson);
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('is not stopped by long strings', () => {
    const long = `"${String.raw`a\"b, NaN, `.repeat(1_000_000)}"`;
    expect(jsonFault(`[${long}, ${long}`)).toMatchObject({ offset: 2 * long.length + 3 });
    expect(values(`[${long}, NaN]`)).toEqual([[JSON.parse(long), 'NaN']]);
  });

  test('finds the end of a text that was cut off', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, at) => {
        const json = JSON.stringify(value);
        const text = json.slice(0, 1 + (at % (json.length - 1)));
        expect(jsonFault(text)).toMatchObject({ offset: expect.any(Number) });
      }),
    );
  });
});

test('jsonValue refuses a second value', () => {
  expect(() => jsonValue('x.json', '{}\n{}')).toThrow('x.json:2: not JSON: a second value follows the first');
});

describe('textOfBytes', () => {
  const text = '{"é": "NaN"}';
  const utf16be = Buffer.from(text, 'utf16le').swap16();
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, high bytes first', utf16be],
    ['UTF-16, high bytes first, with a byte order mark', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be])],
  ])('reads %s', (_, bytes) => {
    expect(textOfBytes('x.json', bytes)).toBe(text);
  });

  test.each([
    ['x.json: it is a gzip file, not JSON (unpack it first)', [0x1f, 0x8b, 8]],
    ['x.json: it is UTF-32 text', [0xff, 0xfe, 0, 0]],
    ['x.json: it is UTF-32 text', [0, 0, 0, 0x7b]],
    ['x.json: it is not UTF-8 text', [0x7b, 0x22, 0xe9, 0x22, 0x7d]],
  ])('says %s', (message, bytes) => {
    expect(() => textOfBytes('x.json', Uint8Array.from(bytes))).toThrow(message);
  });
});

function asPython(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(asPython).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${asPython(field)}`);
  return `{${fields.join(', ')}}`;
}

function withNamedNaN(value: unknown): unknown {
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : value;
  if (Array.isArray(value)) return value.map(withNamedNaN);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withNamedNaN(field)]));
}
