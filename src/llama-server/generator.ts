import { defined } from '../defined/defined.ts';
import type { LlamaModel, LlamaSequence, Token, TokenBias } from './binding.ts';
import type { RequestLatencies } from './latencies.ts';
import type { LlamaServerCounters } from './metrics.ts';
import type { Slots } from './slots.ts';
import { TextStream } from './text-stream.ts';

/** One generation, as tokens. */
export interface Generation {
  readonly prompt: readonly Token[];
  readonly maxTokens: number;
  /** Continues to `maxTokens`: tokens that would end the answer are never chosen. */
  readonly ignoreEos: boolean;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

/** The events of a generation: the text of each token as it is generated, then the finish reason. */
export type GenerationEvent =
  | { readonly type: 'token'; readonly text: string }
  | ({ readonly type: 'end'; readonly reason: 'stop' | 'length' } & GeneratedTokens);

/** What a generation cost. */
export interface GeneratedTokens {
  readonly completionTokens: number;
  /** Prompt tokens whose state was still in the sequence; undefined if states are not kept, or for a stop text. */
  readonly cachedTokens?: number | undefined;
}

export interface GeneratorParts {
  readonly model: LlamaModel;
  readonly slots: Slots<LlamaSequence>;
  readonly metrics: LlamaServerCounters;
  readonly latencies: RequestLatencies;
  /** Whether a request may continue the state that an earlier one left in a sequence. */
  readonly keepsStates: boolean;
  /** A bias that forbids every end-of-generation token. */
  readonly noEos: TokenBias;
}

/**
 * Generates on the first free sequence of the context; busy sequences are decoded in one batch. Unless states
 * are kept, every request starts with an empty sequence, so no prompt benefits from an earlier one's cache and every
 * prefill is real. If the signal is aborted, the sequence becomes free after the current token.
 */
export async function* generate(
  request: Generation,
  { model, slots, metrics, latencies, keepsStates, noEos }: GeneratorParts,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const askedMs = performance.now();
  // The last token is always computed, because the first reply token follows from it.
  const reusable = request.prompt.slice(0, -1);
  const common = (one: LlamaSequence) => one.compareContextTokens(reusable).firstDifferentIndex;
  const sequence = await slots.acquire(signal, keepsStates ? common : undefined);
  if (sequence === undefined) return;
  const begunMs = performance.now();
  latencies.queue.observe(askedMs, begunMs);
  let firstMs: number | undefined;
  let lastMs = begunMs;
  try {
    if (keepsStates) await sequence.adaptStateToTokens(reusable, false);
    else await sequence.clearHistory();
    const cached = keepsStates ? sequence.nextTokenIndex : 0;
    const cachedTokens = keepsStates ? cached : undefined;
    const { temperature, topK, topP, seed } = request;
    const tokens = sequence.evaluate(request.prompt.slice(cached), {
      temperature,
      yieldEogToken: true,
      ...defined({ topK, topP, seed, tokenBias: request.ignoreEos ? noEos : undefined }),
    });
    const text = new TextStream((piece, last) => model.detokenize(piece, false, last));
    let completionTokens = 0;
    for await (const token of tokens) {
      if (signal.aborted) return;
      if (completionTokens === 0) {
        metrics.promptTokens += request.prompt.length - cached;
        metrics.cachedTokens += cached;
      }
      if (!request.ignoreEos && model.isEogToken(token)) {
        yield { type: 'end', reason: 'stop', completionTokens, cachedTokens };
        return;
      }
      const nowMs = performance.now();
      if (firstMs === undefined) {
        firstMs = nowMs;
        latencies.ttft.observe(askedMs, nowMs);
        latencies.prefill.observe(begunMs, nowMs);
      } else latencies.itl.observe(lastMs, nowMs);
      lastMs = nowMs;
      completionTokens += 1;
      metrics.generationTokens += 1;
      yield { type: 'token', text: text.push(token) };
      if (completionTokens === request.maxTokens) break;
    }
    yield { type: 'end', reason: 'length', completionTokens, cachedTokens };
  } finally {
    if (firstMs !== undefined && !signal.aborted) {
      latencies.decode.observe(firstMs, lastMs);
      latencies.e2el.observe(askedMs, lastMs);
    }
    slots.release(sequence);
  }
}
