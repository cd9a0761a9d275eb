import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuGrowth } from '../../../test/support/cpu-proportion.ts';
import { EventScanner } from './event-scanner.ts';

/** Scans the bytes cut at the given places; returns the number of token events and the data of all others. */
function scan(
  bytes: Buffer,
  cuts: readonly number[],
  limits: ConstructorParameters<typeof EventScanner>[1] = {},
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
      const text = textOf(data);
      if (typeof text !== 'string' || text === '' || data.includes('"usage"')) {
        result.others.push(data);
        return false;
      }
      result.tokens++;
      return true;
    },
    onLearn: () => {},
    onOddity: () => {},
  };
  const scanner = new EventScanner(['text'], limits);
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

/** The text of the first choice; undefined if the data is not an event. */
function textOf(data: string): unknown {
  try {
    return JSON.parse(data).choices[0]?.text;
  } catch {
    return undefined;
  }
}

const event = (text: string, more: object = {}): string =>
  JSON.stringify({ id: 'a', choices: [{ index: 0, text, finish_reason: null }], ...more });

describe('EventScanner', () => {
  it('finds the same events however the bytes are split, whatever the text', () => {
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

  it('recognises no event whose frame differs in any byte, for any frame', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u0080', '\u07ff'), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, fc.nat(), fc.integer({ min: 1, max: 255 }), (before, after, at, bits) => {
        const whole = (text: string): Buffer =>
          Buffer.from(`data: ${JSON.stringify({ id: before, choices: [{ text }], after })}\n\n`);
        const [first, other] = [whole('t'), whole('t')];
        const place = at % (other.length - 2);
        const isOfText = place === other.indexOf('"t"') + 1;
        other[place] = (other[place] ?? 0) ^ bits;
        // Changes of the text, of line endings, and of what is no longer a frame are other cases.
        fc.pre(
          !isOfText && ![10, 13, 34, 92].includes(other[place]) && ![34, 92].includes(first[place] ?? 0),
        );
        expect(scan(Buffer.concat([first, whole('u')]), []).recognised).toBe(1);
        expect(scan(Buffer.concat([first, other]), []).recognised).toBe(0);
      }),
    );
  });

  it('never takes an event with usage, an end marker or no text for a plain token', () => {
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

  it('joins data lines, and accepts a last event without a blank line', () => {
    expect(scan(Buffer.from('event: x\ndata: one\ndata:two\nid: 3\n\ndata: three'), []).others).toEqual([
      'one\ntwo',
      'three',
    ]);
  });

  it('reports the event that later ones are compared with, and no other', () => {
    const seen: string[] = [];
    const handler = {
      onPlainToken: () => seen.push('plain'),
      onLearn: () => seen.push('learn'),
      onEvent: (data: string) => {
        seen.push(data.includes('"usage"') ? 'usage' : 'event');
        return !data.includes('"usage"');
      },
      onOddity: () => {},
    };
    const scanner = new EventScanner(['text']);
    const whole = (data: string): Buffer => Buffer.from(`data: ${data}\n\n`);
    const push = (bytes: Buffer): void => scanner.push(bytes, 0, bytes.length, 0, handler);
    push(whole(event('a')));
    push(whole(event('b', { usage: {} })));
    push(whole(event('c')));
    expect(seen).toEqual(['event', 'learn', 'usage', 'plain']);
    // An event that arrives in two pieces is never learned.
    seen.length = 0;
    const other = whole(event('d').replace('"index":0', '"index":1'));
    push(other.subarray(0, -1));
    push(other.subarray(-1));
    push(whole(event('e')));
    expect(seen).toEqual(['event', 'plain']);
    seen.length = 0;
    scanner.forget();
    push(whole(event('f')));
    expect(seen).toEqual(['event', 'learn']);
  });

  it.each([
    ['the blank line', 'data: one\n', '\n'],
    ['the blank line, after a comment', 'data: one\n: x\n', '\n'],
    ['the end of the stream', 'data: one\n', ''],
  ])('stamps an event with the time of its last data line, not of %s', (_, first, second) => {
    const times: number[] = [];
    const handler = {
      onPlainToken: () => {},
      onLearn: () => {},
      onEvent: (_data: string, _name: string, atMs: number) => {
        times.push(atMs);
        return false;
      },
      onOddity: () => {},
    };
    const scanner = new EventScanner(['text']);
    scanner.push(Buffer.from(first), 0, first.length, 10, handler);
    scanner.push(Buffer.from(second), 0, second.length, 20, handler);
    scanner.end(30, handler);
    expect(times).toEqual([10]);
  });

  it.each([
    ['blank lines', '\n'],
    ['CR line endings', '\r'],
    ['comments', ': x\n'],
    ['ids', 'id: 1\r'],
    ['comments ended by CR', ': x\r'],
  ])('rejects too many %s without an event', (_, line) => {
    const runaway = expect.objectContaining({ troubleClass: 'runaway-reply' });
    const limits = { quietLines: 1000 };
    expect(() => scan(Buffer.from(line.repeat(1002)), [], limits)).toThrow(runaway);
    const half = line.repeat(600);
    expect(scan(Buffer.from(`${half}data: a\n\n${half}`), [], limits).others).toEqual(['a']);
  });

  it('accepts a million lines without an event, and no more', () => {
    expect(scan(Buffer.from('\n'.repeat(999_000)), []).others).toEqual([]);
    expect(() => scan(Buffer.from('\n'.repeat(1_000_002)), [])).toThrow('1000000 lines');
  });

  it.each([
    ['CR line endings', '\r', ''],
    ['CR line endings before a LF', '\r', '\n'],
    ['lines ended by CR, before a LF', 'id: 1\r', '\n'],
    ['data ended by CR, before a LF', 'data: 1\r\r', '\n'],
  ])('takes time in proportion to %s', (_, line, after) => {
    const scans = (count: number) => {
      const bytes = Buffer.from(line.repeat(count) + after);
      const handler = { onPlainToken: () => {}, onLearn: () => {}, onEvent: () => false, onOddity: () => {} };
      return () => new EventScanner(['text']).push(bytes, 0, bytes.length, 0, handler);
    };
    expect(cpuGrowth(40_000, scans)).toBeLessThan(4);
  });
});
