import { completion, done, lengthIf, sse, usage, word } from '../events.ts';
import { type Exchange, exchange, type Particulars, type Piece, piece, tokens } from '../exchange.ts';

const n = 3;
const good = (): Piece[] => [
  ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
  piece(sse(usage(n))),
  piece(done),
];
const megabyte = 1024 * 1024;
/** Either read without harm, or a failure of this reply only; the next one is not affected. */
const mayFail: Particulars = {
  isRobust: false,
  truth: { orRefused: /./, mayDoubt: /./, wrongIfDoubted: true },
};

/** Lines without content. */
const quietLines: readonly (readonly [name: string, line: string])[] = [
  ['cr', '\r'],
  ['lf', '\n'],
  ['crlf', '\r\n'],
  ['comments', ': x\n'],
  ['ids', 'id: 1\r'],
];

/** Replies that would exhaust the memory or time of a careless client. They run one at a time. */
export const boundExchanges: readonly Exchange[] = [
  exchange(
    'event-of-20-megabytes',
    [
      ...tokens(1, () => sse(completion(' a', null, { prompt_logprobs: 'x'.repeat(20 * megabyte) }))),
      ...good(),
    ]
      .slice(0, -2)
      .concat([piece(sse(usage(n + 1))), piece(done)]),
    { isRobust: false },
  ),
  exchange('comment-of-20-megabytes', [piece(`: ${'x'.repeat(20 * megabyte)}\n\n`), ...good()], mayFail),
  exchange('event-of-many-lines', [piece(`${'data: \n'.repeat(1_000_000)}\n`), ...good()], mayFail),
  exchange('event-of-many-comments', [piece(`${': x\n'.repeat(1_000_000)}\n`), ...good()], mayFail),
  exchange(
    'deep-json-list',
    [piece(sse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`)), ...good()],
    mayFail,
  ),
  exchange(
    'deep-json-object',
    [piece(sse(`{"choices":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`)), ...good()],
    mayFail,
  ),
  exchange(
    'deep-json-in-a-choice',
    [
      piece(
        sse(
          `{"choices":[{"index":0,"text":"","delta":{"content":${'['.repeat(200_000)}${']'.repeat(200_000)}}}]}`,
        ),
      ),
      ...good(),
    ],
    { ...mayFail, backend: 'openai-chat' },
  ),
  exchange(
    'many-choices',
    [
      piece(sse({ choices: Array.from({ length: 100_000 }, (_, index) => ({ index, text: '' })) })),
      ...good(),
    ],
    mayFail,
  ),
  exchange(
    'choice-index-huge',
    [piece(sse({ choices: [{ index: 2 ** 31, text: ' a' }] })), ...good()],
    mayFail,
  ),
  exchange(
    'choice-index-negative',
    [piece(sse({ choices: [{ index: -1, text: ' a' }] })), ...good()],
    mayFail,
  ),
  exchange('line-without-an-end', [piece('x'.repeat(20 * megabyte)), ...good()], mayFail),
  exchange('carriage-returns', [piece('\r'.repeat(900_000)), ...good(), piece('\r'.repeat(900_000))], {
    isRobust: false,
  }),
  // All tokens come before these lines: on a slow machine, the reply ends before a million lines are read.
  ...quietLines.map(([name, line]) =>
    exchange(`quiet-${name}`, [...good().slice(0, n), piece(line.repeat(1_100_000))], mayFail),
  ),
  exchange('many-values', [piece(sse(`{"choices":[],"x":[${'[],'.repeat(6_000_000)}0]}`)), ...good()], {
    isRobust: false,
    truth: { failure: { troubleClass: /^malformed-event$/, words: /values/ } },
  }),
  exchange('many-values-in-a-json-body', [piece(`{"choices":[${'0,'.repeat(10_000_000)}0]}\n`)], {
    http: { contentType: 'application/json' },
    isRobust: false,
    truth: { failure: { troubleClass: /^malformed-event$/, words: /values/ } },
  }),
  exchange('gzip-bomb-of-lines', [...good().slice(0, n), piece(Buffer.alloc(48 * megabyte, '\n'))], {
    http: { gzip: true, headers: ['Content-Encoding: gzip'] },
    isRobust: false,
    truth: { failure: { troubleClass: /^runaway-reply$/, words: /lines/ } },
  }),
  exchange('gzip-bomb', [piece(Buffer.alloc(96 * megabyte, ' '))], {
    http: { gzip: true, headers: ['Content-Encoding: gzip'] },
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /./ } },
  }),
  exchange('runaway', [piece(sse(completion(' a')).repeat(40_000))], {
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /./ } },
  }),
  exchange('runaway-empty', [piece(sse(completion('')).repeat(40_000))], {
    asked: n,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /./ } },
  }),
];
