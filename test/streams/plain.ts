import type { BackendName } from '../../src/load/index.ts';
import { chat, completion, done, lengthIf, role, sglang, sse, triton, usage, word } from './events.ts';
import { type Exchange, exchange, type Particulars, type Piece, piece, tokens } from './exchange.ts';

const plainTokens = 3;

/** How a plain reply is written for a backend, and what there is to say about it. */
const plainReplies: Record<BackendName, (count: number) => { pieces: Piece[]; particulars: Particulars }> = {
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
    particulars: { truth: { promptTokens: null, doubts: [/usage|count/i] } },
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

/** A good reply with nothing odd about it. */
export function plainExchange(backend: BackendName, count = plainTokens): Exchange {
  const { pieces, particulars } = plainReplies[backend](count);
  return exchange(`plain-${backend}`, pieces, { ...particulars, backend });
}
