import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../test/support/runs.ts';
import { textInPieces } from '../testdata/text-in-pieces.ts';
import { type FileRecord, type RecordRules, recordsOf } from './records.ts';
import { type DatasetFile, openTextFile } from './text-file.ts';

const isRow = (element: unknown): boolean =>
  typeof element === 'object' && element !== null && 'prompt' in element;

async function read(file: DatasetFile, rules: Partial<RecordRules> = {}): Promise<FileRecord[]> {
  const rows: FileRecord[] = [];
  for await (const one of recordsOf(file, { isRow, ...rules })) rows.push(one);
  return rows;
}

const valuesOf = async (text: string, lengths?: readonly number[]): Promise<unknown[]> =>
  (await read(textInPieces(text, lengths))).map(({ value }) => value);

const row = fc.record({ prompt: fc.string({ unit: 'binary' }), more: fc.jsonValue() });
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const blank = fc.constantFrom('', ' ', '\n', '\r\n', '\n\n\t');

describe('recordsOf', () => {
  it.each<[string, (rows: readonly unknown[], gap: string, indent: number) => string]>([
    ['JSON lines', (rows, gap) => rows.map((value) => `${JSON.stringify(value)}\n${gap}`).join('')],
    [
      'JSON lines without a final line break',
      (rows) => rows.map((value) => JSON.stringify(value)).join('\r\n'),
    ],
    ['a list', (rows, gap, indent) => `${gap}${JSON.stringify(rows, null, indent)}${gap}`],
    [
      'a list in an object',
      (rows, gap, indent) =>
        JSON.stringify({ version: 1, tags: ['a]', '{'], 'w"': '\\"', data: rows, more: [1] }, null, indent) +
        gap,
    ],
    ['objects one after another', (rows) => rows.map((value) => JSON.stringify(value, null, 2)).join('\n')],
  ])('reads %s in pieces of any size', async (_, write) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        blank,
        fc.constantFrom(0, 2),
        pieces,
        async (rows, gap, indent, lengths) => {
          const text = write(rows, gap, indent);
          expect(await valuesOf(text, lengths)).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
      { numRuns: runs(15) },
    );
  });

  it('takes a list of parts as part of the row', async () => {
    const one = { id: 1, turns: [{ from: 'human' }], prompt: 'a' };
    expect(await valuesOf(JSON.stringify(one))).toEqual([one]);
  });

  it('reads every list of rows in an object', async () => {
    const text = JSON.stringify({ train: [{ prompt: 'a' }], about: 'x\\"', test: [{ prompt: 'b' }] });
    expect(await valuesOf(text, [3])).toEqual([{ prompt: 'a' }, { prompt: 'b' }]);
  });

  it('reports the line on which each row starts, counting blank lines', async () => {
    const places = async (text: string): Promise<number[]> =>
      (await read(textInPieces(text, [5]))).map(({ line }) => line);
    expect(await places('\n{"a":1}\n\r\n\n{"a":2}\n')).toEqual([2, 5]);
    expect(await places('[\n{"a":\n1},\n\n{"a":2}, {"a":3}\n]')).toEqual([2, 5, 5]);
    expect(await places('{\n"rows": [\n{"prompt":1},\n{"prompt":2}]\n}')).toEqual([3, 4]);
    expect(await places('{\n"a":1}\n\n{"a":\n2}\n{}')).toEqual([1, 4, 6]);
  });

  it('reads U+2028 in a string like any other character', async () => {
    expect(await valuesOf('{"a":"one\u2028two"}\n{"a":"\u0085"}\n')).toEqual([
      { a: 'one\u2028two' },
      { a: '\u0085' },
    ]);
  });

  it('keeps all digits of whole numbers on request', async () => {
    const ids = async (text: string): Promise<unknown> =>
      (await read(textInPieces(text), { exactIntegers: true }))[0]?.value;
    expect(await ids('[[13835058055282163712, 13835058055282163713, -9007199254740993, 7, 1e300]]')).toEqual([
      13835058055282163712n,
      13835058055282163713n,
      -9007199254740993n,
      7,
      1e300,
    ]);
  });

  it.each([
    ['a line that is not JSON', '{"a":1}\n\n{"a":oops}\n', /^f:3:(6|1): not JSON: Unexpected token 'o'/],
    ['a first line that is not JSON', '{oops\n{"a":1}\n', /^f:1:2: not JSON: /],
    ['a truncated first line', '{"a":"b"\n{"a":1}\n', /^f:1:9: not JSON: Expected ','/],
    ['a file that is truncated in a line', '{"a":1}\n{"a":"b', /^f:2:8: not JSON: it is truncated/],
    ['a file that is truncated in its list', '[{"a":1},\n{"a":2}', /^f:2:8: the file ends inside its list/],
    ['a truncated row', '[{"a":1},\n{"a":', /^f:2:1: .*truncated/],
    ['an invalid row of a list', '[{"a":1},\n  {"a":,}]', /^f:2:3: not JSON: Unexpected token ','/],
    ['an invalid line of a row', '[{"a":1,\n"b":2\n"c":3}]', /^f:2:6: not JSON: Expected ','/],
    ['rows without a comma', '[{"a":1}\n{"a":2}]', /^f:2:1: not JSON: Expected ','/],
    ['more after the list', '[1]\n[2]', /^f:2:1: text after the end of the list/],
    ['text', 'Tell me a story', /^f:1:1: not JSON: it starts with the string "T/],
    ['bytes that are not UTF-8', Buffer.from('{"a":1}\n{"a":"\xe9"}', 'latin1'), /^f:2:1: this is not UTF-8/],
  ])('reports the position of %s', async (_, text, message) => {
    for (const lengths of [[1 << 20], [3], [1]]) {
      await expect(read(textInPieces(text, lengths))).rejects.toThrow(message);
    }
  });

  it('limits the size of a row, and reports which row exceeds it', async () => {
    const piece = Buffer.alloc(1 << 20, 'x');
    const file: DatasetFile = {
      file: 'f',
      firstLine: '',
      async *chunks() {
        yield Buffer.from('{"a":1}\n{"a":"');
        for (let piecesSent = 0; piecesSent < 70; piecesSent++) yield piece;
        expect.unreachable('the whole file was read');
      },
    };
    await expect(read(file)).rejects.toThrow(/^f:2:1: the value that starts here is longer than 64 MiB/);
  });
});

describe('openTextFile', () => {
  const text = '{"prompt":"ö €"}\n{"prompt":"𝄞"}\n';
  const utf16 = (mark: string): Buffer => Buffer.from(mark + text, 'utf16le');
  const inFile = async <T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> => {
    const file = join(tmpdir(), `dataset-${randomUUID()}`);
    await writeFile(file, bytes);
    try {
      return await use(file);
    } finally {
      await rm(file);
    }
  };

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE', utf16('\ufeff')],
    ['UTF-16 BE', utf16('\ufeff').swap16()],
    ['UTF-16 LE without a mark', utf16('')],
    ['UTF-16 BE without a mark', utf16('').swap16()],
  ])('reads %s', async (_, bytes) => {
    const rows = await inFile(bytes, async (file) => {
      await using opened = await openTextFile(file);
      expect(opened.firstLine).toBe('{"prompt":"ö €"}');
      return await read(opened);
    });
    expect(rows.map(({ value }) => value)).toEqual([{ prompt: 'ö €' }, { prompt: '𝄞' }]);
  });

  it.each([
    ['a compressed file', gzipSync(text), /this is compressed with gzip, expected text/],
    ['a Parquet file', Buffer.from('PAR1....'), /this is a Parquet file/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), /this is UTF-32/],
  ])('names %s', async (_, bytes, message) => {
    await expect(inFile(bytes, openTextFile)).rejects.toThrow(message);
  });

  it('reports UTF-16 that is truncated within a character', async () => {
    const reading = inFile(utf16('\ufeff').subarray(0, -1), async (file) => {
      await using opened = await openTextFile(file);
      return await read(opened);
    });
    await expect(reading).rejects.toThrow(/starts like UTF-16LE but is not/);
  });

  it('reports why a file cannot be read', async () => {
    await expect(openTextFile('/nowhere/at-all')).rejects.toThrow(/cannot read the dataset: no such file/);
    await expect(openTextFile(tmpdir())).rejects.toThrow(/cannot read the dataset: it is a directory/);
  });
});
