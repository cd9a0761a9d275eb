import { deflateSync, gzipSync } from 'node:zlib';
import {
  blockDelta,
  chat,
  choices,
  completion,
  done,
  lengthIf,
  message,
  messageEnd,
  messageStop,
  role,
  sse,
  usage,
  usageOf,
  word,
} from '../events.ts';
import {
  type Exchange,
  exchange,
  type Particulars,
  type Piece,
  piece,
  promptTokens,
  token,
  tokens,
} from '../exchange.ts';

const n = 6;
const asked = 16;
const inChat: Particulars = { backend: 'openai-chat' };

/** Tokens in pairs, so that only a count gives their number. */
function pairs(endOf: (isLast: boolean) => object): Piece[] {
  return Array.from({ length: n / 2 }, (_, index) => {
    const isLast = index === n / 2 - 1;
    const event = chat({ content: word(index) }, lengthIf(isLast), isLast ? endOf(isLast) : {});
    return token(sse(event), 2);
  });
}

const said = (): Piece[] => tokens(n, (index) => sse(chat({ content: word(index) })));
const finish = sse(chat({}, 'length'));

/** Where servers put the counts of a reply, if not under `usage` of an event. */
const counted: readonly (readonly [name: string, pieces: readonly Piece[]])[] = [
  // Moonshot: in the choice, here with its last tokens, because an end without text may be a token.
  [
    'usage-in-the-choice',
    [
      ...pairs(() => ({})).slice(0, -1),
      token(
        sse(choices({ index: 0, delta: { content: ' end' }, finish_reason: 'length', usage: usageOf(n) })),
        2,
      ),
    ],
  ],
  // Groq: in a vendor-specific part.
  ['usage-in-a-vendor-part', pairs(() => ({ x_groq: { id: 'r', usage: usageOf(n) } }))],
  ['usage-in-metadata', [...pairs(() => ({})), piece(sse({ choices: [], metadata: { usage: usageOf(n) } }))]],
  ['usage-as-the-event', [...pairs(() => ({})), piece(`event: usage\n${sse(usageOf(n))}`)]],
  [
    'usage-of-the-newer-names',
    [
      ...pairs(() => ({})),
      piece(sse({ choices: [], usage: { input_tokens: promptTokens, output_tokens: n } })),
    ],
  ],
  // A gateway that has both names and fills one of them.
  [
    'usage-of-both-names',
    [...pairs(() => ({})), piece(sse(usage(n, { input_tokens: 0, output_tokens: 0 })))],
  ],
  [
    'usage-null-and-in-a-vendor-part',
    pairs(() => ({ usage: null, x_groq: { usage: usageOf(n, { queue_time: 0.01 }) } })),
  ],
];

/** Vendor-specific events between and after the output, none of which is a token. */
const remarks: readonly (readonly [name: string, event: object])[] = [
  [
    // Azure's filter, which reports later about text sent before.
    'azure-filter-of-earlier-text',
    choices({
      index: 0,
      finish_reason: null,
      content_filter_results: { hate: { filtered: false, severity: 'safe' } },
      content_filter_offsets: { check_offset: 4, start_offset: 0, end_offset: 9 },
    }),
  ],
  ['azure-filter-of-the-prompt', { choices: [], prompt_filter_results: [{ prompt_index: 0 }] }],
];

const reasoningBeside = (reasoning: number, completionTokens: number, total: number): object =>
  usage(completionTokens, {
    total_tokens: total,
    completion_tokens_details: { reasoning_tokens: reasoning },
  });

/** Thoughts and their signatures: content that only their author can read is not text. */
const sealed = ['reasoning_opaque', 'thought_signature', 'reasoning_encrypted'];

const refusedReasons = ['sensitive', 'POLICY_VIOLATION', 'unsafe_content', 'content_flagged', 'COPYRIGHT'];

const wholeMessage = (more: object = {}): string =>
  sse({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        finish_reason: 'length',
        message: { role: 'assistant', content: Array.from({ length: n }, (_, i) => word(i)).join('') },
      },
    ],
    ...more,
  });

const anthropicStart = (counts: object): string =>
  message('message_start', { message: { role: 'assistant', usage: { output_tokens: 1, ...counts } } });

export const vendorExchanges: readonly Exchange[] = [
  ...counted.map(([name, pieces]) => exchange(name, [...pieces, piece(done)], inChat)),
  ...remarks.flatMap(([name, event]) => [
    exchange(
      name,
      [
        ...said().flatMap((each) => [each, piece(sse(event))]),
        piece(finish),
        piece(sse(usage(n))),
        piece(done),
      ],
      inChat,
    ),
    exchange(`${name}-uncounted`, [...said(), piece(finish), piece(sse(event)), piece(done)], {
      ...inChat,
      truth: { promptTokens: null, doubts: [/no usage/] },
    }),
  ]),
  // MiniMax and others repeat the whole reply at the end.
  exchange(
    'whole-message-at-the-end',
    [...said(), piece(wholeMessage({ usage: usageOf(n) })), piece(done)],
    inChat,
  ),
  exchange('whole-message-at-the-end-uncounted', [...said(), piece(wholeMessage()), piece(done)], {
    ...inChat,
    truth: { promptTokens: null, doubts: [/no usage/] },
  }),
  exchange(
    'whole-message-beside-each-part',
    [
      ...tokens(n, (index, isLast) =>
        sse(
          choices({
            index: 0,
            delta: { content: word(index) },
            message: { role: 'assistant', content: ' w'.repeat(index + 1) },
            finish_reason: lengthIf(isLast),
          }),
        ),
      ),
      piece(sse(usage(n))),
      piece(done),
    ],
    inChat,
  ),
  ...['base_resp', 'baseResp'].map((key) =>
    exchange(
      `error-in-${key}`,
      [
        piece(sse(role)),
        ...tokens(2, (index) => sse(chat({ content: word(index) }))),
        piece(sse({ choices: [], [key]: { status_code: 1002, status_msg: 'rate limit of the account' } })),
      ],
      {
        ...inChat,
        asked,
        truth: { failure: { troubleClass: /^server-error$/, words: /rate limit of the account/ } },
      },
    ),
  ),
  exchange(
    'good-base_resp',
    [
      ...said(),
      piece(finish),
      piece(sse(usage(n, { base_resp: { status_code: 0, status_msg: '' } }))),
      piece(done),
    ],
    inChat,
  ),
  ...sealed.map((key) =>
    exchange(
      `sealed-${key}`,
      [
        ...tokens(3, (index) => sse(chat({ reasoning_text: word(index) }))),
        piece(sse(chat({ content: null, [key]: 'c2ln' }))),
        ...tokens(3, (index) => sse(chat({ content: word(index) }))),
        piece(finish),
        piece(sse(usage(n))),
        piece(done),
      ],
      inChat,
    ),
  ),
  // xAI counts reasoning separately from the output; Gemini includes thoughts only in the total.
  exchange(
    'reasoning-beside-the-count',
    [
      ...tokens(2, (index) => sse(chat({ reasoning_content: word(index) }))),
      ...tokens(4, (index, isLast) => sse(chat({ content: word(index) }, lengthIf(isLast)))),
      piece(sse(reasoningBeside(2, 4, promptTokens + n))),
      piece(done),
    ],
    inChat,
  ),
  exchange(
    'reasoning-in-the-total-alone',
    [...said(), piece(finish), piece(sse(usage(n, { total_tokens: promptTokens + n + 40 }))), piece(done)],
    { ...inChat, truth: { doubts: [/count/] } },
  ),
  ...refusedReasons.map((reason) =>
    exchange(
      `finish-${reason}`,
      [
        ...tokens(2, (index) => sse(completion(word(index)))),
        piece(sse(completion('', reason))),
        piece(done),
      ],
      { asked, truth: { failure: { troubleClass: /./, words: new RegExp(reason) } } },
    ),
  ),
  // The prompt consists of tokens read, cached or not, and tokens written to the cache.
  exchange(
    'anthropic-prompt-in-the-cache',
    [
      piece(
        anthropicStart({
          input_tokens: 1,
          cache_creation_input_tokens: 2,
          cache_read_input_tokens: promptTokens - 3,
        }),
      ),
      ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
      piece(messageEnd(n)),
      piece(messageStop),
    ],
    { backend: 'anthropic', truth: { mayDoubt: /prefix cache/ } },
  ),
  exchange(
    'anthropic-prompt-wholly-cached',
    [
      piece(anthropicStart({ input_tokens: 0, cache_read_input_tokens: promptTokens })),
      ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
      piece(messageEnd(n)),
      piece(messageStop),
    ],
    { backend: 'anthropic', truth: { mayDoubt: /prefix cache/ } },
  ),
  // What a proxy writes into a stream if its upstream server disappears.
  ...(['', '\n'] as const).map((lineEnd) =>
    exchange(
      `words-of-a-proxy${lineEnd === '' ? '-unended' : ''}`,
      [
        ...tokens(2, (index) => sse(completion(word(index)))),
        piece(`upstream connect error or disconnect/reset before headers${lineEnd}`),
      ],
      { asked, isRobust: false, truth: { failure: { troubleClass: /./, words: /upstream connect error/ } } },
    ),
  ),
  exchange(
    'cut-in-an-event',
    [
      ...tokens(4, (index) => sse(completion(word(index)))),
      piece(sse(completion(' the last words')).slice(0, 110)),
    ],
    {
      asked,
      isRobust: false,
      truth: { failure: { troubleClass: /^cut-off$/, words: /at its end: data:.*cmpl-1/ } },
    },
  ),
  // Compressed for the connection instead of the body.
  ...(
    [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const
  ).map(([packing, pack]) => {
    const events = tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast))));
    const packed = pack(
      Buffer.concat([...events.map(({ bytes }) => bytes), Buffer.from(sse(usage(n)) + done)]),
    );
    return exchange(`transfer-encoding-${packing}`, [token(packed, n)], {
      http: { headers: [`Transfer-Encoding: ${packing}`] },
      isRobust: false,
      truth: { mayDoubt: /all at once|in bursts/ },
    });
  }),
  exchange('transfer-encoding-unknown', [piece('\u0001\u0002')], {
    http: { headers: ['Transfer-Encoding: zstd'] },
    asked,
    isRobust: false,
    truth: { failure: { troubleClass: /./, words: /zstd/ } },
  }),
];
