import { brotliCompressSync, deflateSync } from 'node:zlib';
import { completion, done, lengthIf, sse, usage, word } from '../events.ts';
import { type Exchange, exchange, type Http, type Piece, piece, token, tokens } from '../exchange.ts';

const n = 4;
const good = (): Piece[] => [
  ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
  piece(sse(usage(n))),
  piece(done),
];

const framings: readonly (readonly [name: string, http: Partial<Http>])[] = [
  ['length', { framing: 'length' }],
  ['until-close', { framing: 'until-close' }],
  ['http-1.0', { framing: 'http-1.0' }],
  ['gzip', { gzip: true, headers: ['Content-Encoding: gzip'] }],
  ['x-gzip', { gzip: true, headers: ['Content-Encoding: x-gzip'] }],
  ['gzip-until-close', { gzip: true, headers: ['Content-Encoding: GZIP'], framing: 'until-close' }],
  ['identity', { headers: ['Content-Encoding: identity'] }],
  ['close-unannounced', { ending: { kind: 'close' } }],
  [
    'many-headers',
    { headers: Array.from({ length: 60 }, (_, index) => `X-Header-${index}: ${'v'.repeat(200)}`) },
  ],
  ['status-without-words', { status: '200' }],
];

/** Content types that servers and proxies use for streams. */
const types: readonly (readonly [name: string, contentType: string | undefined])[] = [
  ['upper', 'Text/Event-Stream; Charset=UTF-8'],
  ['json-sse', 'application/json'],
  ['plain', 'text/plain; charset=utf-8'],
  ['octet', 'application/octet-stream'],
  ['ndjson', 'application/x-ndjson'],
  ['none', undefined],
];

const whole = JSON.stringify({
  id: 'x',
  choices: [{ index: 0, text: ' a b c d', finish_reason: 'length' }],
  usage: { prompt_tokens: 5, completion_tokens: n },
});

export const httpExchanges: readonly Exchange[] = [
  ...framings.map(([name, http]) =>
    exchange(`http-${name}`, good(), { http, isRobust: http.framing === undefined && http.gzip !== true }),
  ),
  ...types.map(([name, contentType]) =>
    exchange(`ctype-${name}`, good(), { http: { contentType }, truth: { mayDoubt: /type/i } }),
  ),
  exchange('status-201', good(), { http: { status: '201 Created' }, truth: { mayDoubt: /201|status/ } }),
  exchange('redirect-307', [], {
    http: {
      status: '307 Temporary Redirect',
      headers: ['Location: /elsewhere/v1/completions'],
      framing: 'length',
    },
    asked: n,
    truth: { failure: { troubleClass: /^http-307$/, words: /elsewhere/ } },
  }),
  ...(
    [
      [400, '{"error":{"message":"max_tokens is too large"}}', /max_tokens is too large/],
      [404, '{"detail":"Not Found"}', /Not Found/],
      [413, 'request body larger than 1 MB', /larger than 1 MB/],
      [422, '{"detail":[{"loc":["body","prompt"],"msg":"Input should be a valid string"}]}', /valid string/],
      [500, '', /500/],
      [503, '<html>no upstream</html>', /no upstream/],
    ] as const
  ).map(([status, body, words]) =>
    exchange(`http-${status}`, [piece(body)], {
      http: { status: `${status} No`, contentType: 'application/json', framing: 'length' },
      asked: n,
      isRobust: false,
      truth: { failure: { troubleClass: new RegExp(`^http-${status}$`), words } },
    }),
  ),
  exchange('http-500-as-stream', [piece(sse({ error: { message: 'the engine died' } })), piece(done)], {
    http: { status: '500 No' },
    asked: n,
    truth: { failure: { troubleClass: /^http-500$/, words: /the engine died/ } },
  }),
  // A complete answer at once has no token times: it is not measured as a stream, or rejected.
  exchange('ctype-json', [piece(whole)], {
    http: { contentType: 'application/json', framing: 'length' },
    asked: n,
    isRobust: false,
    truth: { orRefused: /json|stream/i, wrongIfDoubted: true, mayDoubt: /./, outputTokens: n },
  }),
  exchange('json-as-one-event', [piece(sse(whole)), piece(done)], {
    asked: n,
    truth: { orRefused: /json|stream/i, wrongIfDoubted: true, mayDoubt: /./, outputTokens: n },
  }),
  // Compressed differently than requested: decompressed, or rejected by name.
  ...(
    [
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const
  ).flatMap(([packing, pack]) => {
    const packed = pack(Buffer.concat(good().map(({ bytes }) => bytes)));
    const http: Partial<Http> = { headers: [`Content-Encoding: ${packing}`] };
    return [
      exchange(`http-${packing}`, [token(packed, n)], {
        http,
        isRobust: false,
        truth: { orRefused: new RegExp(packing), mayDoubt: /./ },
      }),
      exchange(`http-${packing}-cut`, [piece(packed.subarray(0, 20))], {
        http,
        asked: n,
        isRobust: false,
        truth: { failure: { troubleClass: /./, words: new RegExp(`end of file|${packing}`) } },
      }),
    ];
  }),
  exchange('gzip-header-on-plain-bytes', [piece(sse(completion(' a')))], {
    http: { headers: ['Content-Encoding: gzip'] },
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /header|gzip/ } },
  }),
  exchange('gzip-done-then-never', good(), {
    http: { gzip: true, headers: ['Content-Encoding: gzip'], ending: { kind: 'hold' } },
    isRobust: false,
  }),
  exchange('gzip-done-then-reset', good(), {
    http: { gzip: true, headers: ['Content-Encoding: gzip'], ending: { kind: 'reset' } },
    isRobust: false,
  }),
  // The connection closes before the last bytes are decompressed.
  ...(['close', 'reset'] as const).map((kind) =>
    exchange(`gzip-all-at-once-then-${kind}`, [token(Buffer.concat(good().map(({ bytes }) => bytes)), n)], {
      http: { gzip: true, headers: ['Content-Encoding: gzip'], ending: { kind } },
      truth: { mayDoubt: /all at once|in bursts/ },
      isRobust: false,
    }),
  ),
  exchange('gzip-cut', good().slice(0, 2), {
    http: { gzip: true, headers: ['Content-Encoding: gzip'], ending: { kind: 'close' } },
    asked: n,
    isRobust: false,
    // Bytes that were not decompressed yet are not counted.
    truth: { failure: { troubleClass: /^cut-off$/, words: /[012] chunk/ } },
  }),
  // Not a stream: the whole body is the error.
  ...(
    [
      ['error', { error: { message: 'out of memory' } }],
      ['detail', { detail: 'out of memory' }],
      ['message', { object: 'error', message: 'out of memory', code: 500 }],
    ] as const
  ).map(([name, body]) =>
    exchange(`json-${name}-under-200`, [piece(JSON.stringify(body))], {
      http: { contentType: 'application/json', framing: 'length' },
      asked: n,
      isRobust: false,
      truth: { failure: { troubleClass: /./, words: /out of memory/ } },
    }),
  ),
  exchange('empty-body-under-200', [], {
    http: { framing: 'length' },
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /./ } },
  }),
  exchange('status-204', [], {
    http: { status: '204 No Content', contentType: undefined, framing: 'length' },
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /./ } },
  }),
];
