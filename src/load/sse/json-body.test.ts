import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuGrowth } from '../../../test/support/cpu-proportion.ts';
import { JsonBody } from './json-body.ts';

/** Reads the pieces in turn; returns the JSON texts that were found. */
function read(pieces: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const body = new JsonBody();
  const handler = { onJsonLine: (line: string) => lines.push(line) };
  for (const piece of pieces) body.push(piece, 0, piece.length, 0, handler);
  body.end(0, handler);
  return lines;
}

const value = fc.jsonValue().filter((json) => typeof json === 'object' && json !== null);

describe('JsonBody', () => {
  it('finds the same lines however they are split, and a single text spread over lines', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.array(fc.nat(400), { maxLength: 20 }),
        (values, isSpread, cuts) => {
          const texts = isSpread
            ? [JSON.stringify({ all: values }, undefined, 1)]
            : values.map((json) => JSON.stringify(json));
          const bytes = Buffer.from(`\n${texts.join('\r\n')}\n`);
          const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          expect(read(places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place)))).toEqual(
            texts,
          );
        },
      ),
    );
  });

  it('takes time proportional to a text, however small its pieces', () => {
    const reads = (count: number) => {
      const pieces = [Buffer.from('{"a":"'), ...new Array(count).fill(Buffer.from('x'.repeat(500)))];
      return () => void read([...pieces, Buffer.from('"}')]);
    };
    expect(cpuGrowth(1000, reads)).toBeLessThan(4);
  });

  it.each([
    ['endless blank lines', 'runaway-reply', '\n'.repeat(1_000_002)],
    ['a first line that is nested too deeply', 'malformed-event', `${'['.repeat(20_000)}\n`],
    ['a first line with too many values', 'malformed-event', `[${'0,'.repeat(3_000_000)}0]\n`],
  ])('refuses %s', (_, troubleClass, body) => {
    expect(() => read([Buffer.from(body)])).toThrow(expect.objectContaining({ troubleClass }));
  });
});
