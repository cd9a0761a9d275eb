import { chat, completion, done, lengthIf, role, sglang, sse, usage, usageOf, word } from '../events.ts';
import { type Exchange, exchange, type Particulars, type Piece, piece, token, tokens } from '../exchange.ts';

const n = 6;
const good = (): Piece[] => tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast))));

/** A good reply of `n` tokens with this final usage. */
function ends(name: string, usageEvent: object, particulars: Particulars = {}): Exchange {
  return exchange(name, [...good(), piece(sse(usageEvent)), piece(done)], particulars);
}

/** A count that cannot be right: chunks are counted instead, and the verdict says so. */
const unusable: Particulars = { truth: { doubts: [/usage|count|how many tokens/i] } };

/** Values that cannot be a token count. */
const impossible: readonly (readonly [name: string, value: unknown])[] = [
  ['zero', 0],
  ['negative', -1],
  ['beyond-32-bit', 2 ** 32 + 8],
  ['beyond-32-bit-zero', 2 ** 32],
  ['huge', 1e12],
  ['unsafe', 2 ** 60],
  ['fraction', 5.5],
  ['null', null],
  ['object', { text: 6 }],
  ['list', [6]],
  ['true', true],
  ['words', 'six'],
  ['too-few', 3],
];

/** The counts in chunks, one per token, and whether they can be used for gaps. */
const perChunk: readonly (readonly [name: string, counts: readonly number[]])[] = [
  ['never-move', [0, 0, 0, 0, 0, 0]],
  ['are-all-one', [1, 1, 1, 1, 1, 1]],
  ['are-the-prompt', [5, 5, 5, 5, 5, 5]],
  ['end-below', [1, 2, 3, 3, 3, 3]],
  ['fall', [1, 2, 3, 2, 1, 2]],
  ['start-high', [6, 6, 6, 6, 6, 6]],
];

export const countExchanges: readonly Exchange[] = [
  ...impossible.map(([name, value]) => ends(`usage-${name}`, usage(value), unusable)),
  ends(
    'usage-all-zeros',
    { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } },
    {
      truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] },
    },
  ),
  ends('usage-total-beyond-its-parts', usage(n, { total_tokens: n + 45 }), unusable),
  ends(
    'usage-below-its-reasoning',
    usage(n, { completion_tokens_details: { reasoning_tokens: n + 1 } }),
    unusable,
  ),
  ends(
    'usage-below-its-predictions',
    usage(n, {
      completion_tokens_details: { accepted_prediction_tokens: n, rejected_prediction_tokens: 1 },
    }),
    unusable,
  ),
  ends('usage-cached-beyond-prompt', usage(n, { prompt_tokens_details: { cached_tokens: 50 } }), unusable),
  ends('usage-string', usage('6'), { truth: { wrongIfDoubted: true, mayDoubt: /./ } }),
  ends('usage-without-completion', { choices: [], usage: { prompt_tokens: 5 } }, unusable),
  ends(
    'usage-without-prompt',
    { choices: [], usage: { completion_tokens: n } },
    { truth: { promptTokens: null } },
  ),
  ends('usage-prompt-null', usage(n, { prompt_tokens: null }), { truth: { promptTokens: null } }),
  ends('usage-prompt-zero', usage(n, { prompt_tokens: 0 }), {
    truth: { promptTokens: null, mayDoubt: /prompt|usage/i },
  }),
  ends('usage-prompt-negative', usage(n, { prompt_tokens: -5 }), {
    truth: { promptTokens: null, mayDoubt: /prompt|usage/i },
  }),
  ends('usage-prompt-huge', usage(n, { prompt_tokens: 2 ** 32 + 5 }), {
    truth: { promptTokens: null, mayDoubt: /prompt|usage/i },
  }),
  ends(
    'usage-absent',
    { choices: [], usage: null },
    { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] } },
  ),
  ends(
    'usage-with-details',
    usage(n, {
      total_tokens: 11,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    }),
  ),
  ends(
    'usage-input-output-names',
    { choices: [], usage: { input_tokens: 5, output_tokens: n } },
    {
      truth: { wrongIfDoubted: true, mayDoubt: /./ },
    },
  ),
  exchange('usage-missing', [...good(), piece(done)], {
    truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] },
  }),
  exchange(
    'usage-missing-multi',
    [
      ...Array.from({ length: 3 }, (_, index) =>
        token(sse(completion(' a b c d', lengthIf(index === 2))), 4),
      ),
      piece(done),
    ],
    { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i], wrongIfDoubted: true } },
  ),
  exchange(
    'usage-missing-empty-chunks',
    [
      ...tokens(n, (index, isLast) => sse(completion(index % 2 === 0 ? '' : word(index), lengthIf(isLast)))),
      piece(done),
    ],
    { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i], wrongIfDoubted: true } },
  ),
  exchange(
    'usage-zero-two-tokens',
    [token(sse(completion(' a'))), token(sse(completion(' b', 'stop'))), piece(sse(usage(0))), piece(done)],
    unusable,
  ),
  exchange(
    'usage-one-of-two',
    [token(sse(completion(' a'))), token(sse(completion(' b', 'stop'))), piece(sse(usage(1))), piece(done)],
    unusable,
  ),
  exchange(
    'usage-two-of-four',
    [
      ...tokens(4, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(2))),
      piece(done),
    ],
    unusable,
  ),
  exchange(
    'usage-each-delta',
    [
      ...tokens(n, (index, isLast) =>
        sse(completion(word(index), lengthIf(isLast), { usage: usageOf(1, { total_tokens: 1 }) })),
      ),
      piece(done),
    ],
    { truth: { doubts: [/usage|count|how many tokens/i] } },
  ),
  ...perChunk.map(([name, counts]) =>
    exchange(
      `counts-${name}`,
      [
        ...tokens(n, (index, isLast) =>
          sse(completion(word(index), lengthIf(isLast), { usage: usageOf(counts[index]) })),
        ),
        piece(sse(usage(n))),
        piece(done),
      ],
      {
        settings: { perChunkUsage: true },
        // The total is right, so the chunks are its tokens; the wrong counts may be noted.
        truth: { mayDoubt: /usage|count|how many tokens/i },
      },
    ),
  ),
  // The counts exclude each chunk's own token, so the last token is missing until the total comes.
  exchange(
    'counts-lag-by-one',
    [
      ...tokens(n, (index, isLast) =>
        sse(completion(word(index), lengthIf(isLast), { usage: usageOf(index) })),
      ),
      piece(sse(usage(n))),
      piece(done),
    ],
    { settings: { perChunkUsage: true }, truth: { mayDoubt: /usage|count|how many tokens/i } },
  ),
  exchange(
    'counts-without-a-total',
    [
      ...tokens(n, (index, isLast) =>
        sse(completion(word(index), lengthIf(isLast), { usage: usageOf(index + 1) })),
      ),
      piece(done),
    ],
    { settings: { perChunkUsage: true } },
  ),
  exchange(
    'counts-in-some-chunks',
    [
      ...tokens(n, (index, isLast) =>
        sse(completion(word(index), lengthIf(isLast), index % 2 === 0 ? { usage: usageOf(index + 1) } : {})),
      ),
      piece(sse(usage(n))),
      piece(done),
    ],
    { settings: { perChunkUsage: true } },
  ),
  exchange(
    'reasoning-not-counted',
    [
      piece(sse(role)),
      ...tokens(n, (index, isLast) =>
        sse(
          chat(index < 3 ? { reasoning_content: word(index) } : { content: word(index) }, lengthIf(isLast)),
        ),
      ),
      piece(sse(usage(3))),
      piece(done),
    ],
    { backend: 'openai-chat', truth: { doubts: [/usage|count|how many tokens/i] } },
  ),
  exchange(
    'reasoning-in-details-only',
    [
      piece(sse(role)),
      ...tokens(n, (index, isLast) =>
        sse(
          chat(index < 3 ? { reasoning_content: word(index) } : { content: word(index) }, lengthIf(isLast)),
        ),
      ),
      piece(sse(usage(n, { completion_tokens_details: { reasoning_tokens: 3 } }))),
      piece(done),
    ],
    { backend: 'openai-chat' },
  ),
  exchange(
    'sglang-count-falls',
    [
      token(sse(sglang(' a', 1))),
      token(sse(sglang(' a b', 2))),
      piece(sse(sglang(' a b', 1))),
      token(sse(sglang(' a b c', 3, { finish: { type: 'length' } }))),
      piece(done),
    ],
    { backend: 'sglang', truth: { mayDoubt: /usage|count|how many tokens/i, wrongIfDoubted: true } },
  ),
  exchange(
    'sglang-counts-never-move',
    [
      ...tokens(3, (index, isLast) =>
        sse(sglang(' x'.repeat(index + 1), 0, { finish: isLast ? { type: 'length' } : null })),
      ),
      piece(done),
    ],
    { backend: 'sglang', truth: { doubts: [/usage|count|how many tokens/i] } },
  ),
  ...impossible
    .filter(([name]) => ['negative', 'beyond-32-bit', 'fraction', 'null'].includes(name))
    .map(([name, value]) =>
      exchange(
        `sglang-usage-${name}`,
        [
          ...tokens(3, (index, isLast) =>
            sse(sglang(' x'.repeat(index + 1), value, { finish: isLast ? { type: 'length' } : null })),
          ),
          piece(done),
        ],
        { backend: 'sglang', truth: { doubts: [/usage|count|how many tokens/i] } },
      ),
    ),
];
