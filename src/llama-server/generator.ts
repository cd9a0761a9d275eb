import { defined } from '../defined/defined.ts';
import type { LlamaModel, LlamaSequence, Token, TokenBias } from './binding.ts';
import type { Drafter } from './drafting.ts';
import type { RequestLatencies } from './latencies.ts';
import type { LlamaServerCounters } from './metrics.ts';
import { keepPrefix, sharedTokens } from './prefix-cache.ts';
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

/** The events of a generation: what the cache had of its prompt, the text of each token, then the finish reason. */
export type GenerationEvent =
  | { readonly type: 'started'; readonly cachedTokens: number }
  | { readonly type: 'token'; readonly text: string }
  | { readonly type: 'end'; readonly reason: 'stop' | 'length'; readonly completionTokens: number };

/** A sequence of the context, with its drafter if it has one. */
export interface ServingSequence {
  readonly sequence: LlamaSequence;
  readonly drafter?: Drafter;
}

export interface GeneratorParts {
  readonly model: LlamaModel;
  readonly slots: Slots<ServingSequence>;
  readonly metrics: LlamaServerCounters;
  readonly latencies: RequestLatencies;
  /** Whether a prompt that begins like what a sequence holds is computed only from there on. */
  readonly cachesPrefixes: boolean;
  /** A bias that forbids every end-of-generation token. */
  readonly noEos: TokenBias;
}

/**
 * Generates on a free sequence of the context; busy sequences are decoded in one batch. Without a prefix cache, every
 * request starts with an empty sequence, so no prompt benefits from an earlier one and every prefill is real. If the
 * signal is aborted, the sequence becomes free after the current token.
 */
export async function* generate(
  request: Generation,
  { model, slots, metrics, latencies, cachesPrefixes, noEos }: GeneratorParts,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const askedMs = performance.now();
  const serving = await slots.acquire(
    signal,
    cachesPrefixes ? (free) => sharedTokens(free.sequence, request.prompt) : undefined,
  );
  if (serving === undefined) return;
  const { sequence, drafter } = serving;
  const begunMs = performance.now();
  latencies.queue.observe(askedMs, begunMs);
  let firstMs: number | undefined;
  let lastMs = begunMs;
  try {
    const cachedTokens = cachesPrefixes ? await keepPrefix(sequence, request.prompt) : 0;
    if (!cachesPrefixes) await sequence.clearHistory();
    drafter?.predictor.updateInputTokens([...request.prompt]);
    yield { type: 'started', cachedTokens };
    const { temperature, topK, topP, seed } = request;
    const tokens = sequence.evaluate(request.prompt.slice(cachedTokens), {
      temperature,
      yieldEogToken: true,
      ...defined({ topK, topP, seed, tokenBias: request.ignoreEos ? noEos : undefined }),
    });
    const text = new TextStream((piece, last) => model.detokenize(piece, false, last));
    let completionTokens = 0;
    for await (const token of tokens) {
      if (signal.aborted) return;
      if (completionTokens === 0) {
        metrics.promptTokens += request.prompt.length - cachedTokens;
        metrics.cachedPromptTokens += cachedTokens;
      }
      if (!request.ignoreEos && model.isEogToken(token)) {
        yield { type: 'end', reason: 'stop', completionTokens };
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
    yield { type: 'end', reason: 'length', completionTokens };
  } finally {
    if (firstMs !== undefined && !signal.aborted) {
      latencies.decode.observe(firstMs, lastMs);
      latencies.e2el.observe(askedMs, lastMs);
    }
    drafter?.settle();
    slots.release(serving);
  }
}
