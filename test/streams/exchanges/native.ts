import {
  blockDelta,
  done,
  message,
  messageEnd,
  messageStart,
  messageStop,
  ollama,
  ollamaChat,
  ollamaCounts,
  responseEnd,
  sse,
  tgi,
  word,
} from '../events.ts';
import {
  type Exchange,
  exchange,
  type Particulars,
  piece,
  promptTokens,
  token,
  tokens,
} from '../exchange.ts';

const n = 5;

const failed = (words: RegExp): Particulars => ({
  asked: 16,
  truth: { failure: { troubleClass: /./, words } },
});
const cutOff: Particulars = { asked: 16, truth: { failure: { troubleClass: /^cut-off$/, words: /2/ } } };

const messages: Exchange[] = (
  [
    [
      'anthropic-good',
      [
        piece(messageStart),
        piece('event: ping\ndata: {"type": "ping"}\n\n'),
        piece(message('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })),
        ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(messageEnd(n, 'end_turn')),
        piece(messageStop),
      ],
    ],
    [
      'anthropic-thinking-then-answer',
      [
        piece(messageStart),
        piece(
          message('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }),
        ),
        ...tokens(2, (index) => blockDelta({ type: 'thinking_delta', thinking: word(index) })),
        piece(blockDelta({ type: 'signature_delta', signature: 'c2ln' })),
        piece(message('content_block_stop', { index: 0 })),
        piece(message('content_block_start', { index: 1, content_block: { type: 'text', text: '' } })),
        ...tokens(3, (index) => blockDelta({ type: 'text_delta', text: word(index) }, 1)),
        piece(messageEnd(n)),
        piece(messageStop),
      ],
    ],
    [
      'anthropic-error',
      [
        piece(messageStart),
        ...tokens(2, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(message('error', { error: { type: 'overloaded_error', message: 'the engine is full' } })),
      ],
      failed(/the engine is full/),
    ],
    [
      'anthropic-error-by-another-name',
      [
        piece(messageStart),
        ...tokens(2, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(sse({ type: 'message_error', title: 'the engine is full' })),
        piece(messageEnd(2, null)),
        piece(messageStop),
      ],
      failed(/the engine is full/),
    ],
    [
      'anthropic-types-of-any-object',
      [
        piece(messageStart),
        ...['constructor', '__proto__', 'toString', 'hasOwnProperty'].map((type) => piece(sse({ type }))),
        ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(messageEnd(n, 'end_turn')),
        piece(messageStop),
      ],
    ],
    [
      'anthropic-cut',
      [piece(messageStart), ...tokens(2, (index) => blockDelta({ type: 'text_delta', text: word(index) }))],
      cutOff,
    ],
    [
      'anthropic-usage-zero',
      [
        piece(messageStart),
        ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(messageEnd(0)),
        piece(messageStop),
      ],
      { truth: { doubts: [/usage|count|how many tokens/i] } },
    ],
    [
      'anthropic-held-open',
      [
        piece(messageStart),
        ...tokens(n, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
        piece(messageEnd(n)),
        piece(messageStop),
      ],
      { http: { ending: { kind: 'hold' } } },
    ],
  ] as const
).map(([name, pieces, particulars = {}]) => exchange(name, pieces, { ...particulars, backend: 'anthropic' }));

const delta = (kind: string, index: number): string =>
  message(`response.${kind}.delta`, { item_id: 'i', output_index: 0, delta: word(index) });

const responses: Exchange[] = (
  [
    ['responses-good', [...tokens(n, (index) => delta('output_text', index)), piece(responseEnd(n))]],
    [
      'responses-reasoning-then-answer',
      [
        ...tokens(2, (index) => delta('reasoning_text', index)),
        ...tokens(3, (index) => delta('output_text', index)),
        piece(responseEnd(n)),
      ],
    ],
    [
      'responses-function-call',
      [...tokens(n, (index) => delta('function_call_arguments', index)), piece(responseEnd(n))],
    ],
    [
      'responses-at-the-length',
      [
        ...tokens(n, (index) => delta('output_text', index)),
        piece(
          message('response.incomplete', {
            response: {
              object: 'response',
              status: 'incomplete',
              incomplete_details: { reason: 'max_output_tokens' },
              usage: { input_tokens: promptTokens, output_tokens: n },
            },
          }),
        ),
      ],
    ],
    [
      'responses-filtered',
      [
        ...tokens(2, (index) => delta('output_text', index)),
        piece(
          message('response.incomplete', {
            response: {
              object: 'response',
              status: 'incomplete',
              incomplete_details: { reason: 'content_filter' },
            },
          }),
        ),
      ],
      failed(/content_filter/),
    ],
    [
      'responses-failed',
      [
        ...tokens(2, (index) => delta('output_text', index)),
        piece(
          message('response.failed', {
            response: {
              object: 'response',
              status: 'failed',
              error: { code: 'server_error', message: 'no memory' },
            },
          }),
        ),
      ],
      failed(/no memory/),
    ],
    ['responses-cut', tokens(2, (index) => delta('output_text', index)), cutOff],
    [
      'responses-done-as-well',
      [...tokens(n, (index) => delta('output_text', index)), piece(responseEnd(n)), piece(done)],
    ],
  ] as const
).map(([name, pieces, particulars = {}]) =>
  exchange(name, pieces, { ...particulars, backend: 'openai-responses' }),
);

const ndjson = { contentType: 'application/x-ndjson' };

const ollamas: Exchange[] = (
  [
    ['ollama-good', [...tokens(n, (index) => ollama(word(index))), piece(ollama('', ollamaCounts(n)))]],
    [
      'ollama-last-with-text',
      tokens(n, (index, isLast) => ollama(word(index), isLast ? ollamaCounts(n) : undefined)),
    ],
    [
      'ollama-thinking',
      [
        ...tokens(n, () => `${JSON.stringify({ model: 'm', response: '', thinking: ' t', done: false })}\n`),
        piece(ollama('', ollamaCounts(n))),
      ],
    ],
    [
      'ollama-two-lines-a-write',
      [
        token(ollama(' a') + ollama(' b'), 2),
        token(ollama(' c') + ollama(' d'), 2),
        piece(ollama('', ollamaCounts(4))),
      ],
    ],
    [
      'ollama-error',
      [...tokens(2, (index) => ollama(word(index))), piece('{"error":"the model runner has stopped"}\n')],
      failed(/model runner has stopped/),
    ],
    ['ollama-cut', tokens(2, (index) => ollama(word(index))), cutOff],
    [
      'ollama-without-counts',
      [...tokens(n, (index) => ollama(word(index))), piece(ollama('', { done_reason: 'stop' }))],
      { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] } },
    ],
    [
      // A prompt in its cache is neither evaluated nor counted.
      'ollama-without-prompt-count',
      [
        ...tokens(n, (index) => ollama(word(index))),
        piece(ollama('', { done_reason: 'length', eval_count: n })),
      ],
      { truth: { promptTokens: null } },
    ],
  ] as const
).map(([name, pieces, particulars = {}]) =>
  exchange(name, pieces, { isRobust: false, ...particulars, http: ndjson, backend: 'ollama' }),
);

const ollamaChats: Exchange[] = [
  exchange(
    'ollama-chat-thinking-then-answer',
    [
      ...tokens(2, (index) => ollamaChat({ content: '', thinking: word(index) })),
      ...tokens(3, (index) => ollamaChat({ content: word(index) })),
      piece(ollamaChat({ content: '' }, ollamaCounts(n, { done_reason: 'stop' }))),
    ],
    { backend: 'ollama-chat', http: ndjson, isRobust: false },
  ),
];

const details = (count: unknown, reason = 'length'): object => ({
  finish_reason: reason,
  generated_tokens: count,
  input_length: promptTokens,
});

const tgis: Exchange[] = (
  [
    ['tgi-good', tokens(n, (index, isLast) => tgi(index, word(index), isLast ? details(n) : undefined))],
    [
      'tgi-empty-tokens',
      tokens(n, (index, isLast) => tgi(index, index < 2 ? '' : word(index), isLast ? details(n) : undefined)),
    ],
    [
      'tgi-special-end',
      [
        ...tokens(n - 1, (index) => tgi(index, word(index))),
        token(
          sse({
            index: n,
            token: { id: 2, text: '</s>', logprob: 0, special: true },
            generated_text: 'all of it',
            details: details(n, 'eos_token'),
          }),
        ),
      ],
    ],
    [
      'tgi-error',
      [
        ...tokens(2, (index) => tgi(index, word(index))),
        piece(sse({ error: 'Request failed during generation', error_type: 'generation' })),
      ],
      failed(/failed during generation/),
    ],
    ['tgi-cut', tokens(2, (index) => tgi(index, word(index))), cutOff],
    [
      'tgi-without-details',
      tokens(n, (index, isLast) =>
        isLast
          ? sse({
              index,
              token: { id: index, text: word(index) },
              generated_text: 'all of it',
              details: null,
            })
          : tgi(index, word(index)),
      ),
      { truth: { promptTokens: null, mayDoubt: /usage|count|how many tokens/i } },
    ],
  ] as const
).map(([name, pieces, particulars = {}]) => exchange(name, pieces, { ...particulars, backend: 'tgi' }));

/** Native APIs of servers, besides OpenAI's older ones. */
export const nativeExchanges: readonly Exchange[] = [
  ...messages,
  ...responses,
  ...ollamas,
  ...ollamaChats,
  ...tgis,
];
