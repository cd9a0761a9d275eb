import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventScanner } from './event-scanner.ts';

/** Scans the bytes cut at the given places; returns the number of token events and the data of all others. */
function scan(
  bytes: Buffer,
  cuts: readonly number[],
): { tokens: number; recognised: number; others: string[] } {
  const result = { tokens: 0, recognised: 0, others: [] as string[] };
  const handler = {
    onPlainToken: () => {
      result.tokens++;
      result.recognised++;
    },
    onEvent: (data: string) => {
      if (!data.startsWith('{"id"')) {
        result.others.push(data);
        return false;
      }
      const text: unknown = JSON.parse(data).choices[0]?.text;
      if (typeof text !== 'string' || text === '' || data.includes('"usage"')) {
        result.others.push(data);
        return false;
      }
      result.tokens++;
      return true;
    },
    onOddity: () => {},
  };
  const scanner = new EventScanner(['text']);
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < places.length; index++) {
    const piece = Buffer.concat([
      Buffer.from('}\n'),
      bytes.subarray(places[index - 1], places[index]),
      Buffer.from('\n\n'),
    ]);
    scanner.push(piece, 2, piece.length - 2, 0, handler);
  }
  scanner.end(0, handler);
  return result;
}

const event = (text: string, more: object = {}): string =>
  JSON.stringify({ id: 'a', choices: [{ index: 0, text, finish_reason: null }], ...more });

describe('EventScanner', () => {
  it('finds the same events however the bytes are cut, whatever the text', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 12 });
    const lineEnds = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(texts, lineEnds, fc.array(fc.nat(3000), { maxLength: 60 }), (words, lineEnd, cuts) => {
        const wire = words.map((text) => `data: ${event(text)}${lineEnd}${lineEnd}`).join('');
        const bytes = Buffer.from(`: comment${lineEnd}${lineEnd}${wire}data: [DONE]${lineEnd}${lineEnd}`);
        const found = scan(
          bytes,
          cuts.filter((cut) => cut < bytes.length),
        );
        expect(found.tokens).toBe(words.filter((text) => text !== '').length);
        expect(found.others).toEqual([
          ...words.filter((text) => text === '').map((text) => event(text)),
          '[DONE]',
        ]);
      }),
    );
  });

  it('recognises all token events after the first by their bytes', () => {
    const wire = ['a', '"quoted"', '\\', 'x\ny', 'ü'].map((text) => `data: ${event(text)}\n\n`).join('');
    expect(scan(Buffer.from(wire), [])).toEqual({ tokens: 5, recognised: 4, others: [] });
  });

  it('never takes an event with a usage, an end mark or no text for a plain token', () => {
    const unusual = [
      event('b', { usage: { completion_tokens: 2 } }),
      event(''),
      event('b').replace('null', '"stop"'),
    ];
    const wire = [event('a'), ...unusual].map((data) => `data: ${data}\n\n`).join('');
    const found = scan(Buffer.from(wire), []);
    expect(found.recognised).toBe(0);
    expect(found.others).toEqual([unusual[0], unusual[1]]);
  });

  it('is not misled by text that looks like its own frame', () => {
    const texts = ['x', '","text":"y', '"}]}\n\ndata: {', ' '.repeat(2000)];
    const wire = texts.map((text) => `data: ${event(text)}\n\n`).join('');
    expect(scan(Buffer.from(wire), []).tokens).toBe(4);
  });

  it('joins data lines and takes a last event without its blank line', () => {
    expect(scan(Buffer.from('event: x\ndata: one\ndata:two\nid: 3\n\ndata: three'), []).others).toEqual([
      'one\ntwo',
      'three',
    ]);
  });
});
