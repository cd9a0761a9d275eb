import { defined } from '../../../src/defined/defined.ts';
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
import { type Exchange, exchange, type Particulars, type Piece, piece, token, tokens } from '../exchange.ts';

const n = 6;

/** The usual end of a stream: the counts and the end mark. */
const ending = (count: unknown): Piece[] => [piece(sse(usage(count))), piece(done)];

/** A reply of `/v1/completions`; `textOf` returns the text of each token. */
function texts(name: string, textOf: (index: number) => string, particulars?: Particulars): Exchange {
  return exchange(
    name,
    [...tokens(n, (index, isLast) => sse(completion(textOf(index), lengthIf(isLast)))), ...ending(n)],
    particulars,
  );
}

/**
 * Only the rhythm shows that empty events before the text, or long after it, are tokens, so a disturbed one leaves a
 * doubt.
 */
function toldByRhythm(exchange: Exchange): Exchange {
  return { ...exchange, truth: { ...exchange.truth, mayDoubt: /unclear which/ } };
}

/** Like `texts`, with the count so far in every chunk. */
function countedTexts(name: string, textOf: (index: number) => string): Exchange {
  return exchange(
    name,
    [
      ...tokens(n, (index, isLast) =>
        sse(completion(textOf(index), lengthIf(isLast), { usage: usageOf(index + 1) })),
      ),
      ...ending(n),
    ],
    { settings: { perChunkUsage: true } },
  );
}

/** A chat reply after a role chunk; `deltaOf` returns the delta of each token. */
function deltas(
  name: string,
  deltaOf: (index: number) => object | null,
  particulars: Particulars & { readonly finish?: string; readonly usage?: boolean } = {},
): Exchange {
  const { finish = 'stop', usage: counted = true, ...more } = particulars;
  return exchange(
    name,
    [
      piece(sse(role)),
      ...tokens(n, (index, isLast) => sse(chat(deltaOf(index), isLast ? finish : null))),
      ...(counted ? ending(n) : [piece(done)]),
    ],
    { backend: 'openai-chat', ...more },
  );
}

/** Events without output may have been tokens. */
const cannotBeTold = /unclear which events were tokens/;
const uncounted = { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] } } as const;

/** Chunks of `/v1/completions` with the ids of their tokens under a name. */
function withIds(
  name: string,
  fieldsOf: (ids: readonly number[]) => { readonly choice?: object; readonly event?: object },
  { text = true, counted = true } = {},
): Exchange {
  const perChunk = [1, 3, 1, 2];
  let next = 100;
  const pieces = perChunk.map((count, index) => {
    const ids = Array.from({ length: count }, () => next++);
    const { choice = {}, event = {} } = fieldsOf(ids);
    const shown = text ? ids.map((id) => ` w${id}`).join('') : '';
    const finish = index === perChunk.length - 1 ? 'length' : null;
    return token(
      sse({ id: 'x', choices: [{ index: 0, text: shown, finish_reason: finish, ...choice }], ...event }),
      count,
    );
  });
  return exchange(name, [...pieces, ...(counted ? ending(7) : [piece(done)])], {
    truth: {
      tellsEveryGap: true,
      ...defined({
        promptTokens: counted ? undefined : null,
        mayDoubt: counted ? undefined : /usage|count|how many tokens/i,
      }),
    },
  });
}

const completions: Exchange[] = [
  texts('good', word),
  texts('empty-all', () => ''),
  toldByRhythm(texts('empty-first', (index) => (index < 2 ? '' : word(index)))),
  toldByRhythm(texts('empty-alternate', (index) => (index % 2 === 0 ? '' : 'é'))),
  texts('empty-middle', (index) => (index === 2 || index === 3 ? '' : word(index))),
  toldByRhythm(texts('empty-last', (index) => (index >= 4 ? '' : word(index)))),
  toldByRhythm(texts('empty-but-one', (index) => (index === 3 ? word(index) : ''))),
  texts('replacement-characters', (index) => (index % 3 === 2 ? ' 猫' : '\ufffd')),
  texts('escaped-texts', (index) => ['"', '\\', '\n', '\u0000', '\u2028', '","text":"'][index] ?? ''),
  countedTexts('empty-all-per-chunk-usage', () => ''),
  countedTexts('empty-first-per-chunk-usage', (index) => (index < 2 ? '' : word(index))),
  countedTexts('good-per-chunk-usage', word),
  exchange('one-eos-token', [token(sse(completion('', 'stop'))), ...ending(1)]),
  exchange('one-token', [token(sse(completion(' yes', 'length'))), ...ending(1)]),
  exchange('one-token-then-finish', [
    token(sse(completion(' yes'))),
    piece(sse(completion('', 'length'))),
    ...ending(1),
  ]),
  exchange('zero-tokens', [piece(sse(completion('', 'stop'))), ...ending(0)], {
    truth: { failure: { troubleClass: /^empty-reply$/, words: /no (token|text|output)|empty/i } },
  }),
  exchange('zero-tokens-null-text', [piece(sse(completion(null, 'stop'))), ...ending(0)], {
    truth: { failure: { troubleClass: /^empty-reply$/, words: /no (token|text|output)|empty/i } },
  }),
  // Parts of a long prefill send chunks that are not tokens; the count shows that.
  exchange('chunked-prefill-empty', [
    ...Array.from({ length: 3 }, () => piece(sse(completion('')))),
    ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
    ...ending(n),
  ]),
  exchange(
    'chunked-prefill-counted',
    [
      ...Array.from({ length: 3 }, () => piece(sse(completion('', null, { usage: usageOf(0) })))),
      ...tokens(n, (index, isLast) =>
        sse(completion(index < 2 ? '' : word(index), lengthIf(isLast), { usage: usageOf(index + 1) })),
      ),
      ...ending(n),
    ],
    { settings: { perChunkUsage: true } },
  ),
  exchange('finish-chunk-no-token', [
    ...tokens(n, (index) => sse(completion(word(index)))),
    piece(sse(completion('', 'stop'))),
    ...ending(n),
  ]),
  exchange('finish-chunk-is-the-end-token', [
    ...tokens(n, (index) => sse(completion(word(index)))),
    token(sse(completion('', 'stop'))),
    ...ending(n + 1),
  ]),
  exchange('finish-chunk-null-text', [
    ...tokens(n, (index) => sse(completion(word(index)))),
    piece(sse(completion(null, 'stop'))),
    ...ending(n),
  ]),
  exchange('four-tokens-a-chunk', [
    ...Array.from({ length: 4 }, (_, index) => token(sse(completion(' a b c d', lengthIf(index === 3))), 4)),
    ...ending(16),
  ]),
  // It is unclear whether the empty chunks are tokens: the first token comes with them or with the first text.
  exchange(
    'four-tokens-a-chunk-after-empty',
    [
      piece(sse(completion(''))),
      piece(sse(completion(''))),
      ...Array.from({ length: 4 }, (_, index) =>
        token(sse(completion(' a b c d', lengthIf(index === 3))), 4),
      ),
      ...ending(16),
    ],
    { truth: { wrongIfDoubted: true, mayDoubt: /./ } },
  ),
  exchange('first-chunk-of-eight', [
    token(sse(completion(' a b c d e f g h')), 8),
    ...tokens(8, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
    ...ending(16),
  ]),
  exchange(
    'tokens-per-chunk-counted',
    [
      token(sse(completion(' a b c', null, { usage: usageOf(3) })), 3),
      token(sse(completion(' d', null, { usage: usageOf(4) })), 1),
      token(sse(completion(' e f', null, { usage: usageOf(6) })), 2),
      token(sse(completion(' g', 'length', { usage: usageOf(7) })), 1),
      ...ending(7),
    ],
    { settings: { perChunkUsage: true }, truth: { tellsEveryGap: true } },
  ),
  exchange(
    'all-at-once',
    [
      token(
        Array.from({ length: n }, (_, index) => sse(completion(word(index), lengthIf(index === n - 1)))).join(
          '',
        ),
        n,
      ),
      ...ending(n),
    ],
    { truth: { mayDoubt: /all at once|in bursts/ } },
  ),
  exchange('two-events-a-write', [
    ...Array.from({ length: 3 }, (_, index) =>
      token(sse(completion(word(index))) + sse(completion(word(index), lengthIf(index === 2))), 2),
    ),
    ...ending(n),
  ]),
  withIds('ids-as-token_ids', (ids) => ({ choice: { token_ids: ids } })),
  withIds('ids-as-token_ids-uncounted', (ids) => ({ choice: { token_ids: ids } }), { counted: false }),
  withIds('ids-as-token_ids-no-text', (ids) => ({ choice: { token_ids: ids } }), { text: false }),
  withIds('ids-as-token_ids-no-text-uncounted', (ids) => ({ choice: { token_ids: ids } }), {
    text: false,
    counted: false,
  }),
  withIds('ids-as-output_ids', (ids) => ({ choice: { output_ids: ids } })),
  withIds('ids-in-logprobs-tokens', (ids) => ({
    choice: { logprobs: { tokens: ids.map((id) => ` w${id}`), token_logprobs: ids.map(() => -0.5) } },
  })),
  withIds(
    'ids-in-logprobs-tokens-no-text',
    (ids) => ({ choice: { logprobs: { tokens: ids.map(() => '') } } }),
    {
      text: false,
    },
  ),
  withIds('ids-in-token_logprobs', (ids) => ({
    choice: { logprobs: { token_logprobs: ids.map(() => -0.5) } },
  })),
  exchange('prefill-chunks-without-ids', [
    piece(sse({ choices: [{ index: 0, text: '', token_ids: [], finish_reason: null }] })),
    piece(sse({ choices: [{ index: 0, text: '', token_ids: [], finish_reason: null }] })),
    ...tokens(n, (index, isLast) =>
      sse({
        choices: [
          {
            index: 0,
            text: index < 2 ? '' : word(index),
            token_ids: [index],
            finish_reason: lengthIf(isLast),
          },
        ],
      }),
    ),
    ...ending(n),
  ]),
  exchange('prompt-token-ids-are-no-tokens', [
    piece(
      sse({
        choices: [{ index: 0, text: '', prompt_token_ids: [1, 2, 3], token_ids: [], finish_reason: null }],
      }),
    ),
    ...tokens(n, (index, isLast) =>
      sse({
        choices: [{ index: 0, text: word(index), token_ids: [index], finish_reason: lengthIf(isLast) }],
      }),
    ),
    ...ending(n),
  ]),
];

const chats: Exchange[] = [
  deltas('good-chat', (index) => ({ content: word(index) })),
  deltas('chat-empty-all', () => ({ content: '' })),
  toldByRhythm(deltas('chat-empty-first', (index) => ({ content: index < 2 ? '' : word(index) }))),
  toldByRhythm(deltas('chat-null-first', (index) => ({ content: index < 2 ? null : word(index) }))),
  toldByRhythm(deltas('chat-delta-absent', (index) => (index < 2 ? {} : { content: word(index) }))),
  toldByRhythm(deltas('chat-delta-null', (index) => (index < 2 ? null : { content: word(index) }))),
  exchange('chat-only-usage', [piece(sse(role)), token(sse(chat({}, 'length')), n), ...ending(n)], {
    backend: 'openai-chat',
    truth: { wrongIfDoubted: true, mayDoubt: /./ },
  }),
  deltas('chat-reasoning-only', (index) => ({ reasoning_content: word(index) })),
  deltas('chat-reasoning-other-name', (index) => ({ reasoning: word(index) })),
  ...['Thought', 'deepAnalysis', 'scratchpad', 'cot', 'chain_of_thought'].map((name) =>
    deltas(`chat-reasoning-as-${name}`, (index) => ({ [name]: word(index) })),
  ),
  // A remark about the reply is not output: later events bring two tokens each.
  exchange(
    'chat-status-in-delta',
    [
      piece(sse(chat({ role: 'assistant', content: '', status: 'queued' }))),
      ...Array.from({ length: 4 }, (_, index) =>
        token(sse(chat({ content: ' a b' }, lengthIf(index === 3))), 2),
      ),
      ...ending(8),
    ],
    { backend: 'openai-chat', truth: { mayDoubt: cannotBeTold } },
  ),
  // Text under an unknown name may be a token; the count decides.
  deltas('chat-unknown-text-first', (index) => (index === 0 ? { blurb: 'x' } : { content: word(index) }), {
    truth: { mayDoubt: cannotBeTold },
  }),
  exchange(
    'chat-tool-call-empty-end',
    [
      piece(sse(role)),
      ...tokens(n, (index) =>
        sse(chat({ tool_calls: [{ index: 0, function: { name: `f${index}`, arguments: '' } }] })),
      ),
      piece(
        sse(chat({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { arguments: '' } }] })),
      ),
      piece(sse(chat({}, 'tool_calls'))),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  deltas('chat-reasoning-then-answer', (index) =>
    index < 3 ? { reasoning_content: word(index), content: null } : { content: word(index) },
  ),
  deltas('chat-both-reasoning-names', (index) => ({
    reasoning: word(index),
    reasoning_content: word(index),
  })),
  deltas('chat-both-names-other-text', (index) => ({
    reasoning: `${word(index)}a`,
    reasoning_content: `${word(index)}b`,
  })),
  deltas('chat-reasoning-details', (index) => ({
    content: '',
    reasoning_details: [{ type: 'reasoning.text', text: word(index), format: 'unknown', index: 0 }],
  })),
  deltas('chat-reasoning-details-encrypted', (index) => ({
    content: '',
    reasoning_details: [{ type: 'reasoning.encrypted', data: `ZGF0YQ${index}`, index: 0 }],
  })),
  deltas('chat-reasoning-and-details', (index) => ({
    reasoning: word(index),
    reasoning_details: [{ type: 'reasoning.text', text: word(index), index: 0 }],
  })),
  deltas('chat-reasoning-list', (index) => ({ reasoning_content: [{ type: 'text', text: word(index) }] })),
  deltas(
    'chat-tool-calls-only',
    (index) => ({
      content: null,
      tool_calls: [
        index === 0
          ? { index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '' } }
          : { index: 0, function: { arguments: `a${index}` } },
      ],
    }),
    { finish: 'tool_calls' },
  ),
  deltas(
    'chat-tool-calls-parallel',
    (index) => ({
      tool_calls: [
        {
          index: index % 2,
          ...defined({ id: index < 2 ? `c${index}` : undefined, type: index < 2 ? 'function' : undefined }),
          function: index < 2 ? { name: 'look', arguments: '{' } : { arguments: `"a${index}"` },
        },
      ],
    }),
    { finish: 'tool_calls' },
  ),
  deltas(
    'chat-text-then-tool-calls',
    (index) =>
      index < 3
        ? { content: word(index) }
        : { tool_calls: [{ index: 0, function: { arguments: `a${index}` } }] },
    { finish: 'tool_calls' },
  ),
  deltas(
    'chat-custom-tool-call',
    (index) => ({ tool_calls: [{ index: 0, type: 'custom', custom: { name: 'sh', input: `a${index}` } }] }),
    { finish: 'tool_calls' },
  ),
  deltas(
    'chat-legacy-function-call',
    (index) => ({ content: null, function_call: { arguments: `a${index}` } }),
    { finish: 'function_call' },
  ),
  deltas('chat-content-parts', (index) => ({
    content: [
      index < 3
        ? { type: 'thinking', thinking: [{ type: 'text', text: word(index) }] }
        : { type: 'text', text: word(index) },
    ],
  })),
  deltas('chat-refusal', (index) => ({ refusal: word(index) })),
  deltas('chat-audio-transcript', (index) => ({ audio: { id: 'a', transcript: word(index) } })),
  deltas('chat-unknown-key', (index) => ({ thinking: word(index) })),
  deltas('chat-reasoning-object', (index) => ({ reasoning: { content: word(index) } })),
  deltas('chat-parts-and-tool', (index) => ({
    content: index === 0 ? [{ type: 'text', text: word(index) }] : null,
    tool_calls: index === 0 ? null : [{ index: 0, function: { arguments: `a${index}` } }],
  })),
  deltas('chat-image-part', (index) => ({
    content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${index}` } }],
  })),
  deltas('chat-tool-call-empty-arguments', (index) => ({
    tool_calls: [{ index: 0, function: { arguments: index % 2 === 0 ? '' : '}' } }],
  })),
  deltas('chat-token-ids', (index) => ({ content: '', token_ids: [index] })),
  exchange(
    'chat-token-ids-of-the-choice',
    [
      piece(sse(role)),
      ...tokens(n, (index, isLast) =>
        sse({
          choices: [
            { index: 0, delta: { content: '' }, token_ids: [index], finish_reason: lengthIf(isLast) },
          ],
        }),
      ),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  exchange(
    'chat-logprobs-content',
    [
      piece(sse(role)),
      ...[1, 3, 2].map((count, index) =>
        token(
          sse({
            choices: [
              {
                index: 0,
                delta: { content: ' x'.repeat(count) },
                logprobs: {
                  content: Array.from({ length: count }, () => ({
                    token: ' x',
                    logprob: -0.1,
                    top_logprobs: [],
                  })),
                },
                finish_reason: lengthIf(index === 2),
              },
            ],
          }),
          count,
        ),
      ),
      ...ending(n),
    ],
    { backend: 'openai-chat', truth: { tellsEveryGap: true } },
  ),
  exchange(
    'chat-message-not-delta',
    [
      ...tokens(n, (index, isLast) =>
        sse({
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: word(index) },
              finish_reason: lengthIf(isLast),
            },
          ],
        }),
      ),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  exchange(
    'chat-role-with-first-token',
    [
      token(sse(chat({ role: 'assistant', content: word(0) }))),
      ...tokens(n - 1, (index, isLast) => sse(chat({ content: word(index) }, lengthIf(isLast)))),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  exchange(
    'chat-role-in-every-chunk',
    [
      piece(sse(role)),
      ...tokens(n, (index, isLast) =>
        sse(chat({ role: 'assistant', content: word(index) }, lengthIf(isLast))),
      ),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  exchange(
    'chat-role-with-nulls',
    [
      piece(sse(chat({ role: 'assistant', content: null, tool_calls: null, reasoning_content: null }))),
      ...tokens(n, (index) => sse(chat({ content: word(index), tool_calls: [], refusal: null }))),
      piece(sse(chat({}, 'stop'))),
      ...ending(n),
    ],
    { backend: 'openai-chat' },
  ),
  deltas(
    'chat-both-names-uncounted',
    (index) => ({ reasoning: word(index), reasoning_content: word(index) }),
    {
      usage: false,
      ...uncounted,
    },
  ),
];

/** SGLang repeats the text, or sends only what is new; its count comes with every event. */
function sglangTexts(
  name: string,
  steps: readonly (readonly [text: string | undefined, count: number, more?: object])[],
  particulars: Particulars = {},
): Exchange {
  let before = 0;
  const pieces = steps.map(([text, count, more = {}], index) => {
    const brought = Math.max(0, count - before);
    before = count;
    const finish = index === steps.length - 1 ? { type: 'length', length: count } : null;
    return token(sse(sglang(text, count, { finish, ...more })), brought);
  });
  const { truth, ...rest } = particulars;
  return exchange(name, [...pieces, piece(done)], {
    backend: 'sglang',
    ...rest,
    truth: { tellsEveryGap: true, ...truth },
  });
}

const upTo = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => (index < from ? '' : word(index))).join('');
const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const sglangs: Exchange[] = [
  sglangTexts(
    'sglang-cumulative',
    each(n, (index) => [upTo(index + 1), index + 1]),
  ),
  sglangTexts(
    'sglang-incremental',
    each(n, (index) => [word(index), index + 1]),
  ),
  sglangTexts(
    'sglang-incremental-growing',
    each(n, (index) => ['x'.repeat(index + 1), index + 1]),
  ),
  sglangTexts(
    'sglang-empty',
    each(n, (index) => [upTo(index + 1, 2), index + 1]),
  ),
  sglangTexts(
    'sglang-empty-all',
    each(n, (index) => ['', index + 1]),
  ),
  sglangTexts(
    'sglang-output-ids',
    each(n, (index) => [undefined, index + 1, { output_ids: each(index + 1, (id) => id) }]),
  ),
  sglangTexts(
    'sglang-output-ids-incremental',
    each(n, (index) => [undefined, index + 1, { output_ids: [index] }]),
  ),
  sglangTexts('sglang-stream-interval', [
    [upTo(1), 1],
    [upTo(4), 4],
    [upTo(6), 6],
    [upTo(7), 7],
  ]),
  sglangTexts('sglang-waits-with-no-token', [
    ['', 0],
    ['', 0],
    [upTo(1), 1],
    [upTo(2), 2],
    [upTo(3), 3],
  ]),
  sglangTexts(
    'sglang-error-null',
    each(n, (index) => [upTo(index + 1), index + 1, { error: null }]),
  ),
  exchange(
    'sglang-abort',
    [
      token(sse(sglang(' w', 1))),
      piece(
        sse(
          sglang(' w', 1, {
            finish: { type: 'abort', message: 'the request was aborted', status_code: 503 },
          }),
        ),
      ),
      piece(done),
    ],
    {
      backend: 'sglang',
      asked: n,
      truth: { failure: { troubleClass: /./, words: /the request was aborted/ } },
    },
  ),
];

const others: Exchange[] = [
  // A detokenizer may take back text that it has shown; the count gives the tokens.
  sglangTexts('sglang-text-is-taken-back', [
    [' a', 1],
    [' a \ufffd', 2],
    [' a é', 3],
    [' a', 4],
    [' a b', 5],
  ]),
  exchange(
    'hundred-tokens',
    [
      ...Array.from({ length: 10 }, (_, block) =>
        token(
          Array.from({ length: 10 }, (_, at) =>
            sse(completion(word(10 * block + at), lengthIf(10 * block + at === 99))),
          ).join(''),
          10,
        ),
      ),
      ...ending(100),
    ],
    { truth: { mayDoubt: /in bursts/ } },
  ),
  exchange('choice-twice-in-one-event', [
    ...Array.from({ length: 3 }, (_, index) =>
      token(
        sse({
          choices: [
            { index: 0, text: ' a', finish_reason: null },
            { index: 0, text: ' b', finish_reason: lengthIf(index === 2) },
          ],
        }),
        2,
      ),
    ),
    ...ending(n),
  ]),
  exchange(
    'usage-under-another-key',
    [
      ...tokens(n, (index) => sse(completion(word(index)))),
      piece(sse(completion('', 'stop', { x_groq: { usage: { prompt_tokens: 5, completion_tokens: n } } }))),
      piece(done),
    ],
    { truth: { wrongIfDoubted: true, mayDoubt: /./ } },
  ),
  exchange('text-is-a-number', [
    ...tokens(n, (index, isLast) =>
      sse({ choices: [{ index: 0, text: index, finish_reason: lengthIf(isLast) }] }),
    ),
    ...ending(n),
  ]),
];

const tritons: Exchange[] = [
  exchange(
    'triton',
    tokens(n, (index) => sse(triton(word(index)))),
    {
      backend: 'tensorrt-llm',
      ...uncounted,
    },
  ),
  exchange(
    'triton-empty-half',
    tokens(n, (index) => sse(triton(index % 2 === 0 ? '' : word(index)))),
    {
      backend: 'tensorrt-llm',
      truth: { ...uncounted.truth, wrongIfDoubted: true },
    },
  ),
];

export const tokenExchanges: readonly Exchange[] = [
  ...completions,
  ...chats,
  ...sglangs,
  ...others,
  ...tritons,
];
