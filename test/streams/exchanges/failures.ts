import { defined } from '../../../src/defined/defined.ts';
import type { GeneratingBackend } from '../../../src/load/index.ts';
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
import { type Exchange, exchange, type Piece, piece, token, tokens } from '../exchange.ts';

const n = 5;
const asked = 16;

/** The bytes of the two tokens before a failure, per backend. */
const begins: Partial<Record<GeneratingBackend, () => Piece[]>> = {
  openai: () => tokens(2, (index) => sse(completion(word(index)))),
  'openai-chat': () => [piece(sse(role)), ...tokens(2, (index) => sse(chat({ content: word(index) })))],
  sglang: () => tokens(2, (index) => sse(sglang(index === 0 ? ' w0' : ' w0 w1', index + 1))),
  'tensorrt-llm': () => tokens(2, (index) => sse(triton(word(index)))),
  'llama.cpp': () => tokens(2, (index) => sse(completion(word(index)))),
};

/** Two tokens, then an error message instead of the rest. */
function fails(
  name: string,
  bytes: string,
  words: RegExp,
  {
    backend = 'openai',
    ending = done,
  }: { readonly backend?: GeneratingBackend; readonly ending?: string } = {},
): Exchange {
  return exchange(
    name,
    [...(begins[backend]?.() ?? []), piece(bytes), ...(ending === '' ? [] : [piece(ending)])],
    { backend, asked, truth: { failure: { troubleClass: /./, words } } },
  );
}

/** Error envelopes, each the whole data of an event. */
const envelopes: readonly (readonly [name: string, data: unknown, words: RegExp])[] = [
  [
    'nested',
    { error: { message: 'the engine died', type: 'InternalServerError', code: 500 } },
    /the engine died/,
  ],
  ['nested-without-message', { error: { type: 'overloaded_error', code: 529 } }, /overloaded_error/],
  [
    'flat',
    { object: 'error', message: 'the engine died', type: 'InternalServerError', code: 500 },
    /the engine died/,
  ],
  ['typed', { type: 'error', error: { type: 'api_error', message: 'the engine died' } }, /the engine died/],
  ['detail', { detail: 'worker timed out' }, /worker timed out/],
  [
    'detail-list',
    { detail: [{ loc: ['body', 'n'], msg: 'worker timed out', type: 'value_error' }] },
    /worker timed out/,
  ],
  ['detail-object', { detail: { error: 'worker timed out' } }, /worker timed out/],
  ['message', { message: 'worker timed out' }, /worker timed out/],
  ['msg', { code: 50_003, msg: 'worker timed out' }, /worker timed out/],
  ['status-code', { code: 500, message: 'worker timed out', data: null }, /worker timed out/],
  ['text', { error: 'out of memory' }, /out of memory/],
  ['number', { error: 500 }, /500/],
  ['array', { error: ['out of memory'] }, /out of memory/],
  ['true-and-message', { error: true, message: 'out of memory' }, /out of memory/],
  ['errors', { errors: [{ message: 'out of memory', code: 1 }] }, /out of memory/],
  ['error_message', { error_code: 17, error_message: 'out of memory' }, /out of memory/],
  ['error_msg', { error_code: 336_501, error_msg: 'out of memory' }, /out of memory/],
  ['with-choices', { choices: [], error: { message: 'out of memory' } }, /out of memory/],
  ['with-a-chunk', completion('', null, { error: { message: 'out of memory' } }), /out of memory/],
  ['failed-status', { status: 'failed', reason: 'out of memory' }, /out of memory/],
  ['camel-case', { errorMessage: 'out of memory', errorCode: 500 }, /out of memory/],
  ['upper-case', { ERROR_MSG: 'out of memory' }, /out of memory/],
  ['status-alone', { status: 'failed' }, /failed/],
  ['success-false', { success: false, data: null }, /success/],
  ['problem', { type: 'about:blank', title: 'Internal Server Error', status: 500 }, /Internal Server Error/],
  ['exception', { exception: 'RuntimeError: out of memory' }, /out of memory/],
  ['typed-with-usage', { type: 'error', message: 'out of memory', usage: usageOf(2) }, /out of memory/],
  ['beside-no-choices', { choices: [], message: 'out of memory', code: 500 }, /out of memory/],
  ['code-beside-no-choices', { choices: [], error: '', error_code: 1 }, /error_code/],
  ['reason-beside-no-choices', { choices: [], finish_reason: 'error' }, /finish_reason/],
  ['in-a-list', [{ error: { message: 'out of memory' } }], /out of memory/],
  ['text-of-json', JSON.stringify(JSON.stringify({ error: 'out of memory' })), /out of memory/],
  ['json-text', '"Internal Server Error"', /Internal Server Error/],
  ['sentence', 'Internal Server Error', /Internal Server Error/],
  [
    'choice-status',
    { choices: [{ index: 0, text: '', finish_reason: null, status: 'error' }] },
    /"status":"error"/,
  ],
  [
    'choice-stop-reason',
    { choices: [{ index: 0, text: '', finish_reason: null, stop_reason: 'error' }] },
    /"stop_reason":"error"/,
  ],
  ['delta', { choices: [{ index: 0, delta: { error: 'out of memory' } }] }, /out of memory/],
  ['delta-message', { choices: [{ index: 0, delta: { errorMessage: 'out of memory' } }] }, /out of memory/],
];

const insideGoodReply: readonly (readonly [name: string, more: object])[] = [
  ['error-null-then-good', { error: null }],
  ['error-empty-object', { error: {} }],
  ['error-empty-string', { error: '' }],
  ['error-empty-array', { error: [] }],
  ['error-false', { error: false }],
  ['errors-empty', { errors: [] }],
  ['errors-null', { errors: null }],
  ['message-empty', { message: '', detail: null }],
  ['code-zero', { code: 0, msg: 'success' }],
  ['code-zero-message', { code: 0, message: 'ok', status: 'success' }],
  ['code-200', { code: 200, msg: 'OK' }],
  ['code-text', { code: '0', message: 'request served', success: true }],
  ['error-code-zero', { error_code: 0, error_msg: '' }],
  ['error-message-success', { errorCode: 0, errorMessage: 'success' }],
  ['error-envelope-of-success', { error: { code: 0, message: 'ok' } }],
  ['status-in-progress', { status: 'in_progress' }],
  ['warning', { warning: 'the model will be retired' }],
];

/** Finish reasons, and whether the reply is good. */
const goodReasons = ['stop', 'length', 'eos_token', 'finished', 'FINISHED_LENGTH_CAPPED', 'MAX_TOKENS'];
const badReasons = [
  'abort',
  'aborted',
  'error',
  'cancelled',
  'canceled',
  'content_filter',
  'timeout',
  'unload',
];

function endsWith(name: string, finish: string | object | null, isGood: boolean): Exchange {
  return exchange(
    name,
    [
      ...tokens(n, (index) => sse(completion(word(index)))),
      piece(sse(completion('', finish))),
      piece(sse(usage(n))),
      piece(done),
    ],
    // An end by length of a reply shorter than requested casts doubt on its count.
    isGood
      ? { asked, truth: { mayDoubt: /a different length/ } }
      : { asked, truth: { failure: { troubleClass: /./, words: new RegExp(reasonIn(finish)) } } },
  );
}

function reasonIn(finish: string | object | null): string {
  if (typeof finish === 'string') return finish;
  return finish !== null && 'message' in finish ? String(finish.message) : 'abort';
}

/** A meaningless `finish_reason` in every chunk but the last, or in a whole reply that is cut off. */
function meaningless(name: string, finish: string | null | undefined): Exchange[] {
  const chunkOf = (text: string): string =>
    sse({ choices: [{ index: 0, text, ...defined({ finish_reason: finish }) }] });
  return [
    exchange(name, [
      ...tokens(n, (index, isLast) =>
        isLast ? sse(completion(word(index), 'length')) : chunkOf(word(index)),
      ),
      piece(sse(usage(n))),
      piece(done),
    ]),
    exchange(
      `${name}-cut`,
      tokens(3, (index) => chunkOf(word(index))),
      {
        asked,
        truth: { failure: { troubleClass: /^cut-off$/, words: /3|w2/ } },
      },
    ),
  ];
}

export const failureExchanges: readonly Exchange[] = [
  ...envelopes.flatMap(([name, data, words]) => [
    fails(`error-${name}`, sse(data), words),
    fails(`error-${name}-undone`, sse(data), words, { ending: '' }),
  ]),
  ...(['openai-chat', 'sglang', 'tensorrt-llm'] as const).flatMap((backend) =>
    envelopes
      .filter(([name]) => ['nested', 'text', 'flat', 'detail', 'errors'].includes(name))
      .map(([name, data, words]) => fails(`${backend}-error-${name}`, sse(data), words, { backend })),
  ),
  exchange('error-first', [piece(sse({ error: { message: 'no such model' } })), piece(done)], {
    asked,
    truth: { failure: { troubleClass: /./, words: /no such model/ } },
  }),
  fails('error-event-field', 'event: error\ndata: {"message": "worker went away"}\n\n', /worker went away/),
  fails('error-event-capital', 'event: Error\ndata: {"x":1}\n\n', /"x":1/),
  fails('error-event-other-name', 'event: server_error\ndata: worker went away\n\n', /worker went away/),
  fails('error-event-text', 'event: error\ndata: worker went away\n\n', /worker went away/),
  fails('error-event-comment', 'event: error\n: "worker went away"\n\n', /worker went away/),
  fails('error-event-nothing', 'event: error\n\n', /error/),
  fails('error-event-empty-data', 'event: error\ndata:\n\n', /error/),
  fails(
    'error-event-after-data',
    'data: {"code":1,"text":"worker went away"}\nevent: error\n\n',
    /worker went away/,
  ),
  fails(
    'error-event-crlf',
    'event: error\r\ndata: {"message":"worker went away"}\r\n\r\n',
    /worker went away/,
  ),
  fails(
    'error-field',
    'error: {"code": 400, "message": "the request exceeds the available context size"}\n\n',
    /available context size/,
    { backend: 'llama.cpp', ending: '' },
  ),
  fails('error-field-done', 'error: {"code": 500, "message": "the slot died"}\n\n', /the slot died/, {
    backend: 'llama.cpp',
  }),
  fails('error-field-text', 'error: the slot died\n\n', /the slot died/, { backend: 'llama.cpp' }),
  fails(
    'error-unknown-event',
    'event: engine_failure\ndata: {"message":"worker went away"}\n\n',
    /worker went away/,
  ),
  exchange(
    'error-in-choice',
    [
      piece(sse(role)),
      ...tokens(2, (index) => sse(chat({ content: word(index) }))),
      piece(
        sse({
          choices: [
            {
              index: 0,
              delta: { content: '' },
              finish_reason: 'error',
              error: { code: 502, message: 'the provider died' },
            },
          ],
        }),
      ),
      piece(done),
    ],
    {
      backend: 'openai-chat',
      asked,
      truth: { failure: { troubleClass: /./, words: /the provider died/ } },
    },
  ),
  exchange(
    'error-in-choice-without-reason',
    [
      ...tokens(2, (index) => sse(completion(word(index)))),
      piece(sse({ choices: [{ index: 0, text: '', error: { message: 'the provider died' } }] })),
      piece(done),
    ],
    { asked, truth: { failure: { troubleClass: /./, words: /the provider died/ } } },
  ),
  exchange(
    'error-after-done',
    [
      ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(n))),
      token(done + sse({ error: { message: 'too late' } }), 0),
    ],
    // The reply was complete: later remarks do not change it, but may be noted.
    { truth: { mayDoubt: /too late|after/ } },
  ),
  exchange(
    'finish-endless',
    [
      ...tokens(n, (index) => sse(completion(word(index)))),
      piece(sse(completion('', 'z'.repeat(100_000)))),
      piece(sse(usage(n))),
      piece(done),
    ],
    { truth: { doubts: [/unknown finish reason/] } },
  ),
  exchange('done-without-a-token', [piece(done)], {
    asked,
    truth: { failure: { troubleClass: /./, words: /no (token|text|output)|empty/i } },
  }),
  ...insideGoodReply.map(([name, more]) =>
    exchange(name, [
      ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast), more))),
      piece(sse(usage(n, more))),
      piece(done),
    ]),
  ),
  ...goodReasons.map((reason) => endsWith(`finish-${reason}`, reason, true)),
  endsWith('finish-object', { type: 'length', length: 16 }, true),
  endsWith('finish-object-stop', { type: 'stop', matched: 128_009 }, true),
  ...badReasons.map((reason) => endsWith(`finish-${reason}`, reason, false)),
  endsWith('finish-object-abort', { type: 'abort' }, false),
  endsWith('finish-object-abort-message', { type: 'abort', message: 'the client left' }, false),
  ...meaningless('finish-empty-string', ''),
  ...meaningless('finish-none', 'None'),
  ...meaningless('finish-not-finished', 'NOT_FINISHED'),
  ...meaningless('finish-null', null),
  ...meaningless('finish-absent', undefined),
];
