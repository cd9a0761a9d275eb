import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from './figures.ts';

/** Reads RFC 4180. */
function parse(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const columns = [
  { key: 'name, of it', header: 'Name', value: ({ name }: Row) => name },
  { key: 'value', header: 'Value', value: ({ value }: Row) => value },
];
interface Row {
  readonly name: string;
  readonly value: number | null;
}

test('every digit and every text can be read back', () => {
  const row = fc.record({
    name: fc.string().filter((text) => !/^[=+@\-\t\r]/.test(text)),
    value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const [header, ...read] = parse(csvOf(columns, rows));
      expect(header).toEqual(['name, of it', 'value']);
      expect(read).toEqual(rows.map(({ name, value }) => [name, value === null ? '' : String(value)]));
    }),
  );
});

test('a text that a spreadsheet would run as a formula is escaped', () => {
  expect(parse(csvOf(columns, [{ name: '=HYPERLINK("x")', value: -1 }]))[1]).toEqual([
    `'=HYPERLINK("x")`,
    '-1',
  ]);
});
