import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedResponse, type ResponseHandler, ResponseParser } from './response-parser.ts';

/** Parses the bytes, split at the given places; returns what was seen, in order. */
function parse(bytes: Buffer, cuts: readonly number[], close = false): unknown[] {
  const seen: unknown[] = [];
  let body = '';
  const handler: ResponseHandler = {
    onHead: ({ status, headers }) => seen.push([status, headers.get('x-a')]),
    onBody: (buffer, start, end) => {
      body += buffer.toString('latin1', start, end);
    },
    onEnd: (keepAlive, _, extraBytes) => {
      seen.push(extraBytes === 0 ? [body, keepAlive] : [body, keepAlive, extraBytes]);
      body = '';
      // The next request is sent immediately.
      parser.expect();
    },
  };
  const parser = new ResponseParser();
  parser.expect();
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < places.length; index++) {
    const from = places[index - 1] ?? 0;
    // Each piece is inside a larger buffer, as in real reads.
    const piece = Buffer.concat([Buffer.from('zz'), bytes.subarray(from, places[index]), Buffer.from('zz')]);
    parser.push(piece, 2, piece.length - 2, 0, handler);
  }
  if (close) seen.push(parser.close(0, handler));
  return seen;
}

const chunked = (body: string, sizes: readonly number[]): string => {
  let at = 0;
  let text = '';
  for (const size of [...sizes, body.length]) {
    const piece = body.slice(at, at + size);
    if (piece !== '') text += `${piece.length.toString(16).toUpperCase()};name=value\r\n${piece}\r\n`;
    at += piece.length;
  }
  return `${text}0\r\nTrailer: yes\r\n\r\n`;
};

describe('ResponseParser', () => {
  it('reads the same responses however the bytes are split', () => {
    const anyBody = fc.string({ unit: 'binary-ascii', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyBody, fc.boolean(), fc.array(fc.integer({ min: 1, max: 9 }))), { maxLength: 4 }),
        fc.array(fc.nat(2000), { maxLength: 40 }),
        (responses, cuts) => {
          const wires = responses.map(([body, isChunked, sizes], index) =>
            isChunked
              ? `HTTP/1.1 200 OK\r\nX-A: ${index}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body, sizes)}`
              : `HTTP/1.1 503 No\r\nx-a:${index}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
          const bytes = Buffer.from(wires.join(''), 'latin1');
          // A response never shares a read with the previous one, because its request was not sent by then.
          const ends = wires.map((_, index) => wires.slice(0, index).join('').length);
          const expected = responses.flatMap(([body, isChunked], index) => [
            [isChunked ? 200 : 503, String(index)],
            [body, true],
          ]);
          expect(
            parse(
              bytes,
              [...cuts, ...ends].filter((cut) => cut < bytes.length),
            ),
          ).toEqual(expected);
        },
      ),
    );
  });

  it('reads byte by byte', () => {
    const bytes = Buffer.from(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked('hello world', [3])}`,
    );
    const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    expect(parse(bytes, cuts)).toEqual([
      [200, undefined],
      ['hello world', true],
    ]);
  });

  it('skips interim responses', () => {
    const wire = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    expect(parse(Buffer.from(wire), [])).toEqual([
      [200, undefined],
      ['ok', true],
    ]);
  });

  it('ends a body without a length when the server closes the connection', () => {
    const wire = 'HTTP/1.1 200 OK\r\n\r\nall of it';
    expect(parse(Buffer.from(wire), [], true)).toEqual([[200, undefined], ['all of it', false], true]);
  });

  it('reports that closing inside a chunked body truncates it', () => {
    const wire = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel';
    expect(parse(Buffer.from(wire), [], true)).toEqual([[200, undefined], false]);
  });

  it('reports that the connection cannot be reused', () => {
    const wire = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    expect(parse(Buffer.from(wire), [])).toEqual([
      [200, undefined],
      ['', false],
    ]);
  });

  it.each([
    ['a body of a length', 'Content-Length: 2\r\n\r\nok'],
    ['chunks', `Transfer-Encoding: chunked\r\n\r\n${chunked('ok', [])}`],
    ['no body', 'Content-Length: 0\r\n\r\n'],
  ])('drops bytes in the same read after the end of %s, and the connection', (kind, rest) => {
    const wire = `HTTP/1.1 200 OK\r\n${rest}`;
    expect(parse(Buffer.from(wire + wire), [])).toEqual([
      [200, undefined],
      [kind === 'no body' ? '' : 'ok', false, wire.length],
    ]);
  });

  it('skips line breaks after a body, wherever they are split', () => {
    const wire = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    for (const cuts of [[], [wire.length], [wire.length + 1]]) {
      const places = [...cuts, wire.length + 4];
      expect(parse(Buffer.from(`${wire}\r\n\r\n${wire}`), places)).toEqual([
        [200, undefined],
        ['ok', true],
        [200, undefined],
        ['ok', true],
      ]);
    }
  });

  it('does not take bytes for a response before a request was sent', () => {
    const handler: ResponseHandler = { onHead: () => {}, onBody: () => {}, onEnd: () => {} };
    const parser = new ResponseParser();
    const push = (text: string): void => parser.push(Buffer.from(text), 0, text.length, 0, handler);
    const wire = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    expect(() => push(wire)).toThrow(expect.objectContaining({ troubleClass: 'unsolicited' }));
    parser.expect();
    push(wire);
    push('\r\n');
    expect(() => push('HTTP/1.1 408 Request Timeout\r\n')).toThrow(/408 Request Timeout/);
  });

  it.each([
    ['TLS', [21, 3, 1, 0, 2, 2, 70], /it is TLS: use https/],
    ['HTTP/2', [0, 0, 0, 4, 0, 0, 0, 0, 0], /it is HTTP\/2/],
    ['something else', [...Buffer.from('220 mail')], /220 mail/],
  ])('detects early that the answer is %s', (_, bytes, words) => {
    expect(() => parse(Buffer.from(bytes), [])).toThrow(words);
  });

  it('rejects a head that is cut off by the end of the connection', () => {
    const handler: ResponseHandler = { onHead: () => {}, onBody: () => {}, onEnd: () => {} };
    const parser = new ResponseParser();
    parser.expect();
    const wire = 'HTTP/1.1 200 OK\r\nContent-';
    parser.push(Buffer.from(wire), 0, wire.length, 0, handler);
    expect(() => parser.close(0, handler)).toThrow(/closed inside the response head.*200 OK/);
  });

  it.each([
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a bad chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a missing chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n'],
    ['a bad length', 'HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n'],
    ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`],
  ])('refuses %s', (_, wire) => {
    expect(() => parse(Buffer.from(wire), [])).toThrow(MalformedResponse);
  });
});
