import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead } from '../render-request.ts';
import { problemsOfHeaders } from './headers.ts';
import { http } from './transport.ts';

const headOf = (...asked: Parameters<typeof requestHead>): string =>
  String(http.framer(requestHead(...asked))(5, []));

/** The header lines of a request head, by lower-case name. */
function linesOf(head: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const line of head.trimEnd().split('\r\n').slice(1)) {
    const [name = '', ...value] = line.split(': ');
    const key = name.toLowerCase();
    lines.set(key, [...(lines.get(key) ?? []), value.join(': ')]);
  }
  return lines;
}

/** The same name with its letters in any case. */
const inAnyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) =>
      [...name].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter.toLowerCase())).join(''),
    );

describe('the head of a request', () => {
  const ours = ['host', 'content-type', 'accept', 'accept-encoding', 'authorization'];
  it("has each header once, with the user's value", () => {
    const headers = fc
      .constantFrom(...ours, 'x-team')
      .chain((name) => fc.tuple(inAnyCase(name), fc.constant('mine')));
    fc.assert(
      fc.property(fc.array(headers, { maxLength: 1 }), (given) => {
        const head = headOf(
          { baseUrl: 'http://u:p@h:8', headers: Object.fromEntries(given) },
          { path: '/p' },
        );
        const lines = linesOf(head);
        for (const [name, values] of lines) expect(values, name).toHaveLength(1);
        for (const [name] of given) expect(lines.get(name.toLowerCase())).toEqual(['mine']);
        expect([...lines.keys()]).toEqual(expect.arrayContaining(ours));
      }),
    );
  });

  it('is complete without user headers', () => {
    expect(headOf({ baseUrl: 'http://h:8/a?k=v' }, { path: '/p?q=1' })).toBe(
      'POST /a/p?k=v&q=1 HTTP/1.1\r\nHost: h:8\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nAccept-Encoding: identity\r\nContent-Length: 5\r\n\r\n',
    );
  });
});

describe('the headers of a backend', () => {
  it('are sent unless the user overrides them', () => {
    const backend = { path: '/p', headers: { 'Anthropic-Version': '1' } };
    expect(headOf({ baseUrl: 'http://h' }, backend)).toContain('\r\nAnthropic-Version: 1\r\n');
    const given = headOf({ baseUrl: 'http://h', headers: { 'anthropic-version': '2' } }, backend);
    expect(linesOf(given).get('anthropic-version')).toEqual(['2']);
  });
});

describe('rejected headers', () => {
  it.each([
    'Content-Length',
    'content-length',
    'Transfer-Encoding',
    'CONNECTION',
    'Keep-Alive',
    'Upgrade',
    'Expect',
    'TE',
    'Trailer',
    'Proxy-Connection',
    'Content-Encoding',
    'HTTP2-Settings',
  ])('%s, with the reason', (name) => {
    expect(problemsOfHeaders({ [name]: 'x' })).toEqual([
      expect.stringMatching(new RegExp(`^the header "${name}" cannot be set: .+`)),
    ]);
  });

  it('the same name in another case', () => {
    expect(problemsOfHeaders({ 'X-Team': 'a', 'x-team': 'b' })).toEqual([
      expect.stringMatching(/given twice/),
    ]);
  });

  it.each(['a\r\nX: y', 'a\nb', 'a\0b', 'a\x7fb', 'a\x1b[0m', 'a\u0085b'])(
    'a value of %j, which is not shown',
    (value) => {
      const problems = problemsOfHeaders({ 'X-Key': value });
      expect(problems).toEqual(['the header "X-Key" has characters that HTTP does not allow']);
    },
  );

  it.each(['', 'X Key', 'X:Key', 'X\r\n', 'Schlüssel'])('a name of %j', (name) => {
    expect(problemsOfHeaders({ [name]: 'x' })).toHaveLength(1);
  });

  it('but no others, including names of object properties', () => {
    expect(problemsOfHeaders({ constructor: 'a', 'X-Größe': 'b' })).toHaveLength(1);
    expect(problemsOfHeaders({ constructor: 'a', 'X-Team': 'größe 日', Authorization: 'Bearer x' })).toEqual(
      [],
    );
  });
});
