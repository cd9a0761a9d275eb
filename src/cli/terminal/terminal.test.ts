import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitting } from './fit.ts';
import { LiveLine } from './live-line.ts';
import { isLive, styleOf } from './style.ts';
import { type TerminalColumn, terminalTable } from './table.ts';

describe('a table', () => {
  const columns: readonly TerminalColumn<number>[] = [
    { header: 'conc', align: 'right', rank: 0, cell: String },
    { header: 'some figure', align: 'right', rank: 2, cell: (one) => (one / 3).toFixed(3) },
    { header: 'another', align: 'left', rank: 1, cell: (one) => `x${one}` },
    { header: 'unknown', align: 'left', rank: 1, cell: () => '' },
  ];

  test('aligns the columns that have a value', () => {
    expect(terminalTable(columns, [1, 20], 80)).toEqual([
      'conc  some figure  another',
      '   1        0.333  x1',
      '  20        6.667  x20',
    ]);
  });

  test('omits the least important columns until it fits, but never the most important one', () => {
    expect(terminalTable(columns, [1], 20)[0]).toBe('conc  another');
    expect(terminalTable(columns, [1], 6)[0]).toBe('conc');
  });

  test('is never wider than the terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 3, max: 100 }), (rows, width) => {
        for (const line of terminalTable(columns, rows, width))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('a line has the parts that fit; only the first is always there and may be cut', () => {
  expect(fitting(['one', 'two', 'three'], 80)).toBe('one, two, three');
  expect(fitting(['one', 'a very long part', 'two'], 10)).toBe('one, two');
  expect(fitting(['a very long part'], 6)).toBe('a very');
});

/** An output that collects what is written. */
function output(isTTY: boolean, columns = 80) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  const written = () => String(stream.read() ?? '');
  // Styles only check whether a stream is a terminal, and how wide it is.
  return { stream: stream as unknown as WriteStream, written };
}

describe('a live line', () => {
  test('is cut at the width, and ends with a line break', () => {
    const { stream, written } = output(true, 40);
    const line = new LiveLine(stream);
    line.show(['1 of 2 done', 'x'.repeat(60), '3 failed']);
    line.end();
    line.end();
    expect(written()).toBe('\r\u001b[J1 of 2 done, 3 failed\n');
  });

  test('that the terminal has wrapped is erased in all of its rows', () => {
    const { stream, written } = output(true, 80);
    const line = new LiveLine(stream);
    line.show(['x'.repeat(70)]);
    stream.columns = 30;
    written();
    line.show(['y']);
    expect(written()).toBe('\u001b[2A\r\u001b[Jy');
  });
});

describe('an output is live, and has symbols', () => {
  const utf8 = { LANG: 'C.UTF-8', TERM: 'xterm' };
  test.each([
    ['on a terminal', true, utf8, true, true],
    ['not in a pipe', false, utf8, false, false],
    ['not if TERM is dumb', true, { ...utf8, TERM: 'dumb' }, false, false],
    ['without symbols if the locale has none', true, { LANG: 'C', TERM: 'xterm' }, true, false],
    ['without symbols on the Linux console', true, { ...utf8, TERM: 'linux' }, true, false],
    ['by LC_ALL before LANG', true, { ...utf8, LC_ALL: 'C' }, true, false],
  ])('%s', (_, isTTY, environment, live, hasSigns) => {
    const { stream } = output(isTTY);
    expect(isLive(stream, environment)).toBe(live);
    const style = styleOf(stream, environment);
    expect(style.sign('good') !== '').toBe(hasSigns);
    expect(style.bar(0.5, 4)).toBe(hasSigns ? '██░░' : '');
  });
});
