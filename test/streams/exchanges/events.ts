import { chat, completion, done, lengthIf, sglang, sse, triton, usage, usageOf, word } from '../events.ts';
import {
  type Exchange,
  exchange,
  halves,
  type Particulars,
  type Piece,
  piece,
  token,
  tokens,
} from '../exchange.ts';

const n = 5;
const chunkOf = (index: number, isLast: boolean): object => completion(word(index), lengthIf(isLast));

/** A good reply whose events are written by `write`. */
function written(
  name: string,
  write: (data: unknown, index: number) => string,
  particulars: Particulars = {},
): Exchange {
  return exchange(
    name,
    [
      ...tokens(n, (index, isLast) => write(chunkOf(index, isLast), index)),
      piece(write(usage(n), n)),
      piece(write('[DONE]', n + 1)),
    ],
    particulars,
  );
}

/** A good reply with bytes before, between and after its events. */
function among(name: string, between: string): Exchange {
  return exchange(name, [
    piece(between),
    ...tokens(n, (index, isLast) => sse(chunkOf(index, isLast))).flatMap((one) => [one, piece(between)]),
    piece(sse(usage(n))),
    piece(between),
    piece(done),
  ]);
}

const json = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data));
const pretty = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data, null, 1));

/** Bytes outside the standard: read correctly, or rejected with a message that names them. */
const outside = (words: RegExp): Particulars => ({
  isRobust: false,
  truth: { orRefused: words, mayDoubt: /./ },
});

/** An event whose choices are written differently. */
function withChoices(data: unknown, write: (list: readonly object[]) => object): unknown {
  if (typeof data !== 'object' || data === null || !('choices' in data)) return data;
  return Array.isArray(data.choices) ? { ...data, choices: write(data.choices) } : data;
}

const grammar: Exchange[] = [
  written('sse-crlf', (data) => sse(data, '\r\n')),
  written('sse-crlf-no-space', (data) => `data:${json(data)}\r\n\r\n`),
  written('sse-cr', (data) => sse(data, '\r')),
  written(
    'sse-mixed-line-ends',
    (data, index) => `data: ${json(data)}${['\r\n\n', '\n\r\n', '\r\r\n', '\n\n'][index % 4]}`,
  ),
  written('sse-no-space', (data) => `data:${json(data)}\n\n`),
  written('sse-bom', (data, index) => `${index === 0 ? '\ufeff' : ''}${sse(data)}`),
  exchange(
    'sse-bom-alone',
    [
      piece('\ufeff'),
      ...tokens(n, (index, isLast) => sse(chunkOf(index, isLast))),
      piece(sse(usage(n))),
      piece(done),
    ],
    { isRobust: false },
  ),
  written(
    'sse-other-fields',
    (data, index) => `id: ${index}\nevent: message\nretry: 10\ndata: ${json(data)}\nfoo: bar\n\n`,
  ),
  written('sse-several-data-lines', (data) => `data: ${pretty(data).replaceAll('\n', '\ndata: ')}\n\n`),
  written(
    'sse-data-lines-with-comments',
    (data) => `data: ${pretty(data).replaceAll('\n', '\n: why\ndata: ')}\n\n`,
  ),
  written('sse-event-name-chunk', (data) => `event: completion.chunk\ndata: ${json(data)}\n\n`),
  written('sse-spaces-in-json', (data) => sse(json(data).replaceAll(':', ' : ').replaceAll(',', ' , '))),
  written('sse-padded-json', (data) => `data:   ${json(data)}  \n\n`),
  written('sse-surplus-blank-lines', (data) => `\n\n${sse(data)}\n\n\n`),
  written(
    'sse-last-without-blank-line',
    (data, index) => (index === n + 1 ? `data: ${json(data)}` : sse(data)),
    { isRobust: false },
  ),
  among('sse-comments', ': keepalive\n\n'),
  among('sse-comment-without-text', ':\n\n'),
  among('sse-comment-without-blank', ': keepalive\n'),
  among('sse-comment-that-looks-like-data', ': data: {"error":{"message":"no"}}\n\n'),
  among('sse-empty-data', 'data: \n\n'),
  among('sse-empty-data-no-space', 'data:\n\n'),
  among('sse-data-without-colon', 'data\n\n'),
  among('sse-two-empty-data', 'data:\ndata:\n\n'),
  among('sse-blank-lines', '\n\n\n'),
  among('sse-crlf-blank-lines', '\r\n\r\n'),
  among('sse-event-only', 'event: ping\n\n'),
  among('sse-id-and-retry', 'id: 7\nretry: 3000\n\n'),
  among('sse-ping-text', 'event: ping\ndata: ping\n\n'),
  among('sse-ping-json', 'event: ping\ndata: {"type":"ping"}\n\n'),
  among('sse-ping-without-name', 'data: {"type":"ping"}\n\n'),
  among('sse-heartbeat', 'event: heartbeat\ndata: {"ts": 1700000000}\n\n'),
  among('sse-empty-object', 'data: {}\n\n'),
  among('sse-null', 'data: null\n\n'),
  among('sse-empty-choices', sse({ id: 'x', choices: [] })),
  among('sse-choices-null', sse({ id: 'x', choices: null })),
  among('sse-envelope-of-success', 'data: {"code":0,"msg":"success"}\n\n'),
  among('sse-state', 'event: status\ndata: {"status":"processing"}\n\n'),
  among('sse-type-of-any-object', 'data: {"type":"constructor"}\n\n'),
  among('sse-empty-list', 'data: []\n\n'),
  among('sse-ping-as-json-text', 'data: "ping"\n\n'),
  written('json-in-json-text', (data) => sse(JSON.stringify(json(data)))),
  written('events-in-lists', (data) => sse(data === '[DONE]' ? data : [data])),
  written('choices-by-index', (data) => sse(withChoices(data, (list) => ({ ...list })))),
  written('choice-alone', (data) => sse(withChoices(data, (list) => list[0] ?? []))),
  exchange('several-events-in-a-list', [
    token(sse([completion(word(0)), completion(word(1))]), 2),
    token(sse([completion(word(2)), completion(word(3), 'length')]), 2),
    piece(sse([usage(4)])),
    piece(done),
  ]),
  exchange(
    'body-is-a-list',
    [
      piece(`[${JSON.stringify(completion(word(0)))}`),
      piece(`,\n${JSON.stringify(completion(word(1)))}`),
      token(`,\n${JSON.stringify(usage(2))}]`, 2),
    ],
    {
      http: { contentType: 'application/json' },
      isRobust: false,
      truth: { doubts: [/not streamed/], wrongIfDoubted: true },
    },
  ),
  ...(
    [
      ['content', { content: word(0), stop: false }],
      ['generated-text', { generated_text: word(0) }],
      ['candidates', { candidates: [{ content: { parts: [{ text: word(0) }] } }] }],
      ['beside-usage', { content: word(0), usage: usageOf(1) }],
    ] as const
  ).map(([name, event]) =>
    exchange(
      `other-protocol-${name}`,
      [
        token(sse(event)),
        ...tokens(3, (index, isLast) => sse(completion(word(index + 1), lengthIf(isLast)))),
        piece(sse(usage(4))),
        piece(done),
      ],
      { isRobust: false, truth: { doubts: [/could not be parsed/], mayDoubt: /unclear which/ } },
    ),
  ),
  among('sse-unknown-field', 'metrics: {"error":"no"}\n\n'),
  exchange('sse-prompt-filter-first', [
    piece(
      sse({
        id: '',
        model: '',
        choices: [],
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
      }),
    ),
    ...tokens(n, (index, isLast) => sse(chunkOf(index, isLast))),
    piece(sse(usage(n))),
    piece(done),
  ]),
];

const smile = Buffer.from(sse(completion(' 😀')));
const cuts: Exchange[] = [
  exchange('utf8-split', [
    ...halves(smile, smile.indexOf(0xf0) + 2),
    ...halves(smile, smile.indexOf(0xf0) + 1),
    ...halves(smile, smile.indexOf(0xf0) + 3),
    token(sse(completion(' x', 'length'))),
    piece(sse(usage(4))),
    piece(done),
  ]),
  exchange('event-split-in-its-name', [
    ...halves(sse(completion(' a')), 2),
    ...halves(sse(completion(' b')), 4),
    ...halves(sse(completion(' c')), 5),
    token(sse(completion(' d', 'length'))),
    piece(sse(usage(4))),
    piece(done),
  ]),
  exchange('done-split', [
    ...tokens(n, (index, isLast) => sse(chunkOf(index, isLast))),
    piece(sse(usage(n))),
    piece('data: [DO'),
    piece('NE]\n'),
    piece('\n'),
  ]),
];

const outsideTheStandard: Exchange[] = [
  written('sse-single-newline', (data) => `data: ${json(data)}\n`, outside(/data:|line|newline|blank/)),
  written('sse-single-crlf', (data) => `data: ${json(data)}\r\n`, outside(/data:|line|newline|blank/)),
  written('sse-leading-space', (data) => ` data: ${json(data)}\n\n`, outside(/data:/)),
  written('sse-double-prefix', (data) => `data: data: ${json(data)}\n\n`, outside(/data:/)),
  written('sse-capital', (data) => `Data: ${json(data)}\n\n`, outside(/Data:/)),
  written(
    'sse-ndjson',
    (data) => (data === '[DONE]' ? '' : `${json(data)}\n`),
    outside(/\{"id"|choices|JSON/),
  ),
  written(
    'sse-ndjson-crlf',
    (data) => (data === '[DONE]' ? '' : `${json(data)}\r\n`),
    outside(/\{"id"|choices|JSON/),
  ),
  written(
    'sse-concatenated-json',
    (data) => (data === '[DONE]' ? '' : json(data)),
    outside(/\{"id"|choices|JSON/),
  ),
  written('sse-python-repr', (data) => sse(json(data).replaceAll('"', "'").replaceAll('null', 'None')), {
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /'choices'|JSON/ } },
  }),
  written('sse-two-events-a-line', (data) => `data: ${json(data)}data: ${json(data)}\n\n`, {
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /data:|JSON/ } },
  }),
  // A line that swallows the first token: the standard ignores unknown names, so it would be skipped silently.
  exchange(
    'sse-garbage-before-data',
    [
      token(`x${sse(chunkOf(0, false))}`),
      ...tokens(n - 1, (index, isLast) => sse(chunkOf(index + 1, isLast))),
      piece(sse(usage(n))),
      piece(done),
    ],
    { isRobust: false, truth: { orRefused: /./, wrongIfDoubted: true, mayDoubt: /./ } },
  ),
  exchange('html-error-page', [piece('<!DOCTYPE html><html><body>Bad gateway of the proxy</body></html>')], {
    http: { contentType: 'text/html', framing: 'length' },
    asked: n,
    truth: { failure: { troubleClass: /./, words: /text\/html.*Bad gateway|Bad gateway.*text\/html/s } },
  }),
  exchange(
    'html-error-page-as-stream',
    [piece('<!DOCTYPE html><html><body>Bad gateway of the proxy</body></html>')],
    {
      asked: n,
      isRobust: false,
      truth: { failure: { troubleClass: /./, words: /Bad gateway/ } },
    },
  ),
  exchange('text-as-stream', [piece('Internal Server Error\n')], {
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /Internal Server Error/ } },
  }),
  exchange('empty-stream', [], {
    asked: n,
    truth: { failure: { troubleClass: /./, words: /./ } },
    isRobust: false,
  }),
];

/** One bad event in an otherwise complete reply: it is counted and judged, but does not end the reply. */
const badEvents: Exchange[] = [
  ['not-json', 'data: {"cut\n\n'],
  ['not-utf8', Buffer.concat([Buffer.from('data: "'), Buffer.from([0xff, 0xfe]), Buffer.from('\n\n')])],
  ['json-text', 'data: "what is this"\n\n'],
  ['log-line', 'data: INFO:     127.0.0.1:54321 - "POST /v1/completions" 200 OK\n\n'],
].map(([name, bytes]) =>
  exchange(
    `bad-event-${String(name)}`,
    [
      ...tokens(3, (index) => sse(completion(word(index)))),
      piece(bytes ?? ''),
      ...tokens(3, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(6))),
      piece(done),
    ],
    { truth: { doubts: [/event|JSON/i] } },
  ),
);

const otherBackends: Exchange[] = (
  [
    [
      'chat',
      'openai-chat',
      (index: number, isLast: boolean) => chat({ content: word(index) }, lengthIf(isLast)),
      [piece(sse(usage(n))), piece(done)],
    ],
    [
      'sglang',
      'sglang',
      (index: number, isLast: boolean) =>
        sglang(word(index), index + 1, { finish: isLast ? { type: 'length' } : null }),
      [piece(done)],
    ],
    ['triton', 'tensorrt-llm', (index: number) => triton(word(index)), []],
  ] as const
).flatMap(([name, backend, chunk, end]): Exchange[] => {
  const uncounted =
    backend === 'tensorrt-llm' ? { promptTokens: null, doubts: [/usage|count|how many tokens/i] } : {};
  const asPieces = (between: string, lineEnd: string): Piece[] => [
    piece(between),
    ...tokens(n, (index, isLast) => sse(chunk(index, isLast), lineEnd)).flatMap((one) => [
      one,
      piece(between),
    ]),
    ...end,
  ];
  return [
    exchange(`${name}-comments`, asPieces(': keepalive\n\n', '\n'), { backend, truth: uncounted }),
    exchange(`${name}-crlf`, asPieces('event: ping\r\n\r\n', '\r\n'), { backend, truth: uncounted }),
    exchange(`${name}-empty-data`, asPieces('data:\n\n', '\n'), { backend, truth: uncounted }),
  ];
});

export const eventExchanges: readonly Exchange[] = [
  ...grammar,
  ...cuts,
  ...outsideTheStandard,
  ...badEvents,
  ...otherBackends,
];
