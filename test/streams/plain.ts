import type { GeneratingBackend } from '../../src/load/index.ts';
import {
  blockDelta,
  chat,
  completion,
  done,
  lengthIf,
  message,
  messageEnd,
  messageStart,
  messageStop,
  ollama,
  ollamaChat,
  ollamaCounts,
  responseEnd,
  role,
  sglang,
  sse,
  tgi,
  triton,
  usage,
  word,
} from './events.ts';
import {
  type Exchange,
  exchange,
  type Particulars,
  type Piece,
  piece,
  promptTokens,
  tokens,
} from './exchange.ts';

const plainTokens = 3;

/** How each backend writes a plain reply, and what is special about it. */
const plainReplies: Record<
  GeneratingBackend,
  (count: number) => { pieces: Piece[]; particulars: Particulars }
> = {
  openai: completions,
  vllm: completions,
  'llama.cpp': completions,
  'openai-chat': (count) => ({
    pieces: [
      piece(sse(role)),
      ...tokens(count, (index, isLast) => sse(chat({ content: word(index) }, lengthIf(isLast)))),
      piece(sse(usage(count))),
      piece(done),
    ],
    particulars: {},
  }),
  sglang: (count) => ({
    pieces: [
      ...tokens(count, (index, isLast) =>
        sse(
          sglang(Array.from({ length: index + 1 }, (_, at) => word(at)).join(''), index + 1, {
            finish: isLast ? { type: 'length', length: count } : null,
          }),
        ),
      ),
      piece(done),
    ],
    particulars: {},
  }),
  'tensorrt-llm': (count) => ({
    pieces: tokens(count, (index) => sse(triton(word(index)))),
    particulars: { truth: { promptTokens: null, doubts: [/usage|count|how many tokens/i] } },
  }),
  anthropic: (count) => ({
    pieces: [
      piece(
        messageStart +
          message('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ),
      ...tokens(count, (index) => blockDelta({ type: 'text_delta', text: word(index) })),
      piece(messageEnd(count)),
      piece(messageStop),
    ],
    particulars: {},
  }),
  'openai-responses': (count) => ({
    pieces: [
      piece(message('response.created', { response: { object: 'response', status: 'in_progress' } })),
      ...tokens(count, (index) =>
        message('response.output_text.delta', { output_index: 0, delta: word(index) }),
      ),
      piece(message('response.output_text.done', { output_index: 0, text: 'all of it' })),
      piece(responseEnd(count)),
    ],
    particulars: {},
  }),
  ollama: (count) => ({
    pieces: [...tokens(count, (index) => ollama(word(index))), piece(ollama('', ollamaCounts(count)))],
    particulars: { http: { contentType: 'application/x-ndjson' }, isRobust: false },
  }),
  'ollama-chat': (count) => ({
    pieces: [
      ...tokens(count, (index) => ollamaChat({ content: word(index) })),
      piece(ollamaChat({ content: '' }, ollamaCounts(count))),
    ],
    particulars: { http: { contentType: 'application/x-ndjson' }, isRobust: false },
  }),
  tgi: (count) => ({
    pieces: tokens(count, (index, isLast) =>
      isLast
        ? tgi(index, word(index), {
            finish_reason: 'length',
            generated_tokens: count,
            input_length: promptTokens,
          })
        : tgi(index, word(index)),
    ),
    particulars: {},
  }),
};

function completions(count: number): { pieces: Piece[]; particulars: Particulars } {
  return {
    pieces: [
      ...tokens(count, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(count))),
      piece(done),
    ],
    particulars: {},
  };
}

/** A good reply without anything unusual. */
export function plainExchange(backend: GeneratingBackend, count = plainTokens): Exchange {
  const { pieces, particulars } = plainReplies[backend](count);
  return exchange(`plain-${backend}`, pieces, { ...particulars, backend });
}
