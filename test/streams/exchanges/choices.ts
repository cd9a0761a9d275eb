import { chat, choices, done, lengthIf, sse, usage, usageOf, word } from '../events.ts';
import { type Exchange, exchange, type Particulars, piece, tokensOf } from '../exchange.ts';

const n = 4;
const several = (count: number): Particulars => ({
  settings: { extraBody: { n: count } },
  asked: n,
  truth: { mayDoubt: /choice/i },
});
const choice = (index: number, text: string, isLast: boolean): object => ({
  index,
  text,
  finish_reason: lengthIf(isLast),
});
const steps = Array.from({ length: n }, (_, index) => index);
const isEnd = (step: number): boolean => step === n - 1;

export const choiceExchanges: readonly Exchange[] = [
  // Bytes that look like those of one choice are tokens of that choice, whatever came in between.
  exchange(
    'two-choices-one-in-pieces',
    [
      ...steps.flatMap((step) => {
        const second = sse(choices(choice(1, word(step), isEnd(step))));
        return [
          tokensOf([1], sse(choices(choice(0, word(step), isEnd(step))))),
          tokensOf([0, 1], second.slice(0, -1)),
          piece('\n'),
        ];
      }),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    { ...several(2), isRobust: false },
  ),
  exchange(
    'two-choices-one-counted',
    [
      ...steps.flatMap((step) => [
        tokensOf([1], sse(choices(choice(0, word(step), isEnd(step))))),
        tokensOf(
          [0, 1],
          sse({ ...choices(choice(1, word(step), isEnd(step))), usage: usageOf(2 * step + 2) }),
        ),
      ]),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  exchange(
    'two-choices',
    [
      ...steps.flatMap((step) => [
        tokensOf([1], sse(choices(choice(0, word(step), isEnd(step))))),
        tokensOf([0, 1], sse(choices(choice(1, word(step), isEnd(step))))),
      ]),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  exchange(
    'two-choices-by-text',
    [
      ...steps.flatMap((step) => [
        tokensOf([1], sse(choices({ ...choice(0, word(step), isEnd(step)), index: '0' }))),
        tokensOf([0, 1], sse(choices({ ...choice(1, word(step), isEnd(step)), index: '1' }))),
      ]),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  exchange(
    'countless-choices',
    [
      ...steps.map((step) => tokensOf([1], sse(choices(choice(0, word(step), false))))),
      piece(sse({ choices: new Array<number>(1025).fill(0) })),
      piece(done),
    ],
    {
      asked: 16,
      isRobust: false,
      truth: { failure: { troubleClass: /^malformed-event$/, words: /1025 choices/ } },
    },
  ),
  exchange(
    'two-choices-in-one-event',
    [
      ...steps.map((step) =>
        tokensOf(
          [1, 1],
          sse(choices(choice(0, word(step), isEnd(step)), choice(1, word(step), isEnd(step)))),
        ),
      ),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  exchange(
    'three-choices',
    [
      ...steps.flatMap((step) =>
        [2, 0, 1].map((index) =>
          tokensOf(
            [0, 1, 2].map((at) => (at === index ? 1 : 0)),
            sse(choices(choice(index, word(step), isEnd(step)))),
          ),
        ),
      ),
      piece(sse(usage(3 * n))),
      piece(done),
    ],
    several(3),
  ),
  exchange(
    'choices-one-after-another',
    [
      ...[0, 1].flatMap((index) =>
        steps.map((step) =>
          tokensOf(index === 0 ? [1] : [0, 1], sse(choices(choice(index, word(step), isEnd(step))))),
        ),
      ),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  // The first choice shows nothing at first, so the second has the first token.
  exchange(
    'choice-one-first',
    [
      ...steps.map((step) =>
        tokensOf(
          [1, 1],
          sse(
            choices(choice(0, step < 2 ? '' : word(step), isEnd(step)), choice(1, word(step), isEnd(step))),
          ),
        ),
      ),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    several(2),
  ),
  exchange(
    'choices-of-other-lengths',
    [
      ...steps.flatMap((step) => [
        tokensOf([1], sse(choices(choice(0, word(step), isEnd(step))))),
        ...(step < 2 ? [tokensOf([0, 1], sse(choices(choice(1, word(step), step === 1))))] : []),
      ]),
      piece(sse(usage(n + 2))),
      piece(done),
    ],
    { ...several(2), truth: { mayDoubt: /choice|a different length/i } },
  ),
  // One choice has ended, but not the reply.
  exchange(
    'choices-one-cut-off',
    [
      ...steps
        .slice(0, 2)
        .flatMap((step) => [
          tokensOf([1], sse(choices(choice(0, word(step), step === 1)))),
          tokensOf([0, 1], sse(choices(choice(1, word(step), false)))),
        ]),
    ],
    { ...several(2), truth: { failure: { troubleClass: /^cut-off$/, words: /./ } } },
  ),
  exchange(
    'choices-one-fails',
    [
      ...steps.flatMap((step) => [
        tokensOf([1], sse(choices(choice(0, word(step), isEnd(step))))),
        ...(step < 2 ? [tokensOf([0, 1], sse(choices(choice(1, word(step), false))))] : []),
      ]),
      piece(sse(choices({ index: 1, text: '', finish_reason: 'abort' }))),
      piece(sse(usage(n + 2))),
      piece(done),
    ],
    { ...several(2), truth: { failure: { troubleClass: /./, words: /abort/ } } },
  ),
  exchange(
    'chat-two-choices',
    [
      ...[0, 1].map((index) =>
        piece(sse(choices({ index, delta: { role: 'assistant', content: '' }, finish_reason: null }))),
      ),
      ...steps.flatMap((step) =>
        [0, 1].map((index) =>
          tokensOf(
            index === 0 ? [1] : [0, 1],
            sse(choices({ index, delta: { content: word(step) }, finish_reason: lengthIf(isEnd(step)) })),
          ),
        ),
      ),
      piece(sse(usage(2 * n))),
      piece(done),
    ],
    { ...several(2), backend: 'openai-chat' },
  ),
  exchange('choice-without-index', [
    ...steps.map((step) =>
      tokensOf([1], sse({ choices: [{ text: word(step), finish_reason: lengthIf(isEnd(step)) }] })),
    ),
    piece(sse(usage(n))),
    piece(done),
  ]),
  exchange(
    'choice-index-one-alone',
    [
      ...steps.map((step) => tokensOf([1], sse(choices(choice(1, word(step), isEnd(step)))))),
      piece(sse(usage(n))),
      piece(done),
    ],
    { truth: { mayDoubt: /choice/i } },
  ),
  exchange(
    'choice-null-first',
    [
      piece(sse({ choices: [null] })),
      piece(sse(chat({ content: '' }))),
      ...steps.map((step) => tokensOf([1], sse(chat({ content: word(step) }, lengthIf(isEnd(step)))))),
      piece(sse(usage(n))),
      piece(done),
    ],
    { backend: 'openai-chat' },
  ),
];
