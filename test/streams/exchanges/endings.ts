import {
  chat,
  completion,
  done,
  lengthIf,
  role,
  sglang,
  sse,
  triton,
  usage,
  usageOf,
  word,
} from '../events.ts';
import {
  type BodyEnding,
  type Exchange,
  exchange,
  type Particulars,
  type Piece,
  piece,
  token,
  tokens,
} from '../exchange.ts';
import { chunk, unaskedReply } from '../wire.ts';

const n = 5;
const good = (): Piece[] => tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast))));
const unfinished = (count: number): Piece[] => tokens(count, (index) => sse(completion(word(index))));
const counted = (): Piece => piece(sse(usage(n)));
const ends = (ending: BodyEnding): Particulars => ({ http: { ending } });

const uncountedTruth = { promptTokens: null, doubts: [/usage|count|how many tokens/i] } as const;
const cutOff = (words: RegExp): Particulars => ({
  asked: 16,
  truth: { failure: { troubleClass: /^(cut-off|reset)$/, words } },
});
const behind = (bytes: string | Buffer): Particulars => ({
  ...ends({ kind: 'behind', bytes: Buffer.from(bytes) }),
  isRobust: false,
});
/** Longer than a client may wait for the rest of a reply that is already complete. */
const longPauseMs = 400;
/** Makes a stall fail soon. */
const impatient = { stallTimeoutS: 1 } as const;

const afterTheEnd: readonly (readonly [name: string, ending: BodyEnding])[] = [
  ['never', { kind: 'hold' }],
  ['reset', { kind: 'reset' }],
  ['close', { kind: 'close' }],
  ['comments', { kind: 'repeat', bytes: chunk(Buffer.from(': ping\n\n')), everyMs: 20 }],
  ['pings', { kind: 'repeat', bytes: chunk(Buffer.from('event: ping\n\n')), everyMs: 20 }],
  ['trailers', { kind: 'trailers', lines: ['x-usage: 5', 'server-timing: total;dur=1'] }],
];

export const endingExchanges: readonly Exchange[] = [
  // Bytes that no request asked for are not the reply to the next one.
  exchange('another-reply-behind', [...good(), counted(), piece(done)], behind(unaskedReply)),
  exchange(
    'half-a-reply-behind',
    [...good(), counted(), piece(done)],
    behind(unaskedReply.subarray(0, unaskedReply.length / 2)),
  ),
  exchange('line-end-behind', [...good(), counted(), piece(done)], behind('\r\n')),
  exchange('another-reply-behind-without-done', [...good(), counted()], behind(unaskedReply)),
  // Unreadable bytes at the end fail the request, not the client.
  ...(['close', 'reset', 'whole'] as const).map((kind) =>
    exchange(`deep-line-then-${kind}`, [...good(), counted(), piece(`data: ${'['.repeat(20_000)}`)], {
      ...ends({ kind }),
      truth: { failure: { troubleClass: /^malformed-event$/, words: /deep/ } },
    }),
  ),
  exchange(
    'deep-object-then-close',
    [...good(), counted(), piece(`data: {"x":${'['.repeat(600)}${'y'.repeat(17_000)}`)],
    {
      ...ends({ kind: 'close' }),
      truth: { failure: { troubleClass: /^malformed-event$/, words: /deep/ } },
    },
  ),
  // A finish reason next to a count is not the end yet.
  exchange(
    'finish-in-every-event',
    [
      ...Array.from({ length: n }, (_, index) =>
        token(
          sse(completion(word(index), 'stop', { usage: usageOf(index + 1) })),
          1,
          index === 2 ? longPauseMs : undefined,
        ),
      ),
      piece(done),
    ],
    { settings: { perChunkUsage: true } },
  ),
  exchange(
    'finish-after-reasoning',
    [
      piece(sse(role)),
      ...Array.from({ length: 6 }, (_, index) =>
        token(
          sse(
            chat(
              index < 3 ? { reasoning_content: word(index) } : { content: word(index) },
              index % 3 === 2 ? 'stop' : null,
              { usage: usageOf(index + 1) },
            ),
          ),
          1,
          index === 3 ? longPauseMs : undefined,
        ),
      ),
      piece(done),
    ],
    { backend: 'openai-chat', settings: { perChunkUsage: true } },
  ),
  exchange(
    'text-after-finish-and-usage',
    [
      ...tokens(3, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(6))),
      token(sse(completion(word(3))), 1, longPauseMs),
      ...tokens(2, (index) => sse(completion(word(4 + index)))),
      piece(done),
    ],
    { truth: { mayDoubt: /count/ } },
  ),
  exchange(
    'text-after-finish-and-usage-cut-off',
    [
      ...tokens(3, (index) => sse(completion(word(index)))),
      piece(sse(completion('', 'length'))),
      piece(sse(usage(6))),
      ...tokens(2, (index) => sse(completion(word(3 + index)))),
    ],
    { ...ends({ kind: 'close' }), truth: { failure: { troubleClass: /^cut-off$/, words: /5 chunks/ } } },
  ),
  // Tokens after the end mark do not count.
  exchange(
    'text-after-done',
    [...good(), counted(), piece(done), piece(sse(completion(' x')), 30), piece(sse(completion(' y')))],
    { isRobust: false, truth: { mayDoubt: /after|end/ } },
  ),
  exchange(
    'text-in-one-write-with-done',
    [...good(), counted(), piece(done + sse(completion(' x')).repeat(3))],
    {
      isRobust: false,
      truth: { mayDoubt: /after|end/ },
    },
  ),
  // All bytes arrive before the connection closes, but are decompressed only then.
  exchange('reason-without-done-packed-and-closed', good(), {
    http: { gzip: true, headers: ['Content-Encoding: gzip', 'Connection: close'] },
    truth: uncountedTruth,
  }),
  // Whatever follows [DONE] makes no difference.
  ...afterTheEnd.map(([name, ending]) =>
    exchange(`done-then-${name}`, [...good(), counted(), piece(done)], ends(ending)),
  ),
  ...afterTheEnd.map(([name, ending]) =>
    exchange(
      `chat-done-then-${name}`,
      [
        piece(sse(role)),
        ...tokens(n, (index, isLast) => sse(chat({ content: word(index) }, lengthIf(isLast)))),
        counted(),
        piece(done),
      ],
      { backend: 'openai-chat', ...ends(ending) },
    ),
  ),
  ...afterTheEnd.map(([name, ending]) =>
    exchange(
      `sglang-done-then-${name}`,
      [
        ...tokens(n, (index, isLast) =>
          sse(sglang(word(index), index + 1, { finish: isLast ? { type: 'length' } : null })),
        ),
        piece(done),
      ],
      { backend: 'sglang', ...ends(ending) },
    ),
  ),
  exchange('done-then-garbage', [...good(), counted(), piece(done), piece('\u0000garbage\r\n%%%')], {
    isRobust: false,
  }),
  exchange('done-then-more-tokens', [...good(), counted(), piece(done), piece(sse(completion(' late')))], {
    truth: { mayDoubt: /after|count/i },
  }),
  exchange('done-twice', [...good(), counted(), piece(done), piece(done)]),
  exchange('done-padded', [...unfinished(n), counted(), piece('data: [DONE] \n\n')]),
  exchange('done-padded-before', [...unfinished(n), counted(), piece('data:  [DONE]\n\n')]),
  exchange('done-crlf', [...unfinished(n), counted(), piece('data: [DONE]\r\n\r\n')]),
  exchange('done-with-event-name', [...unfinished(n), counted(), piece('event: done\ndata: [DONE]\n\n')]),
  exchange('done-lowercase', [...good(), counted(), piece('data: [done]\n\n')], {
    truth: { mayDoubt: /event|JSON/i },
  }),
  exchange('done-as-json-text', [...good(), counted(), piece('data: "[DONE]"\n\n')]),
  exchange('done-without-reason', [...unfinished(n), counted(), piece(done)]),
  exchange('reason-without-done', [...good(), counted()]),
  exchange('reason-and-usage-without-done-then-never', [...good(), counted()], {
    ...ends({ kind: 'hold' }),
    settings: impatient,
  }),
  exchange('reason-and-usage-without-done-then-reset', [...good(), counted()], ends({ kind: 'reset' })),
  exchange('reason-and-usage-without-done-then-close', [...good(), counted()], ends({ kind: 'close' })),
  exchange('reason-without-usage-then-close', good(), {
    ...ends({ kind: 'close' }),
    truth: { ...uncountedTruth, orRefused: /^(cut-off|reset)/ },
  }),
  exchange('neither-reason-nor-done', unfinished(3), cutOff(/3/)),
  exchange('neither-reason-nor-done-counted', [...unfinished(3), piece(sse(usage(3)))], cutOff(/3/)),
  exchange('reset-mid', unfinished(3), { ...cutOff(/3/), ...ends({ kind: 'reset' }) }),
  exchange('close-mid', unfinished(3), { ...cutOff(/3/), ...ends({ kind: 'close' }) }),
  exchange('close-mid-event', [...unfinished(3), piece('data: {"choices":[{"index":0,"text":" w3","fin')], {
    ...cutOff(/3/),
    ...ends({ kind: 'close' }),
  }),
  exchange(
    'cut-orderly-mid-event',
    [...unfinished(3), piece('data: {"choices":[{"index":0,"text":" w3","fin')],
    {
      asked: 16,
      isRobust: false,
      truth: { failure: { troubleClass: /./, words: /3|w3/ } },
    },
  ),
  exchange('stalled', unfinished(2), {
    ...ends({ kind: 'hold' }),
    asked: 16,
    settings: impatient,
    truth: { failure: { troubleClass: /^stalled$/, words: /2/ } },
  }),
  exchange('stalled-before-a-token', [], {
    ...ends({ kind: 'hold' }),
    asked: 16,
    settings: impatient,
    truth: { failure: { troubleClass: /^stalled$/, words: /0|no/ } },
  }),
  ...(
    [
      ['comments', ': ping\n\n'],
      ['empty-data', 'data:\n\n'],
      ['blank-lines', '\n\n'],
      ['empty-choices', 'data: {"choices":[]}\n\n'],
    ] as const
  ).map(([name, bytes]) =>
    // Comments are not progress: a stream with only comments has stalled.
    exchange(`stalled-with-${name}`, unfinished(2), {
      ...ends({ kind: 'repeat', bytes: chunk(Buffer.from(bytes)), everyMs: 20 }),
      asked: 16,
      settings: impatient,
      truth: { failure: { troubleClass: /^stalled$/, words: /2/ } },
    }),
  ),
  exchange(
    'triton-whole',
    tokens(n, (index) => sse(triton(word(index)))),
    {
      backend: 'tensorrt-llm',
      truth: uncountedTruth,
    },
  ),
  exchange(
    'triton-until-close',
    tokens(n, (index) => sse(triton(word(index)))),
    {
      backend: 'tensorrt-llm',
      http: { framing: 'until-close' },
      truth: uncountedTruth,
    },
  ),
  exchange(
    'triton-reset',
    tokens(3, (index) => sse(triton(word(index)))),
    {
      backend: 'tensorrt-llm',
      asked: 16,
      ...ends({ kind: 'reset' }),
      truth: { failure: { troubleClass: /^(cut-off|reset)$/, words: /3/ } },
    },
  ),
  exchange('usage-after-done', [...good(), piece(done), piece(sse(usage(n)))], { isRobust: false }),
  exchange('usage-long-after-done', [...good(), piece(done), piece(sse(usage(n)), 60)], { isRobust: false }),
  exchange('usage-in-finish-chunk', [
    ...tokens(n, (index, isLast) =>
      sse(completion(word(index), lengthIf(isLast), { usage: isLast ? usageOf(n) : null })),
    ),
    piece(done),
  ]),
  exchange('usage-late', [...good(), piece(sse(usage(n)), 60), piece(done)]),
  exchange('usage-first-of-prompt-alone', [
    piece(sse({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 } })),
    ...good(),
    counted(),
    piece(done),
  ]),
  exchange('usage-twice', [...good(), counted(), counted(), piece(done)]),
];
