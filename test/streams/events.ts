import { defined } from '../../src/defined/defined.ts';
import { promptTokens } from './exchange.ts';

/** An event of a stream, as servers write it. */
export function sse(data: unknown, lineEnd = '\n'): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}${lineEnd}${lineEnd}`;
}

export const done = sse('[DONE]');

type Finish = string | null | object;

/** A chunk of `/v1/completions`. */
export function completion(text: string | null, finish: Finish = null, more: object = {}): object {
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1_700_000_000,
    model: 'm',
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
    ...more,
  };
}

/** A chunk of `/v1/chat/completions`. */
export function chat(delta: object | null, finish: Finish = null, more: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'm',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...more,
  };
}

/** A chunk with a different choice than usual, or with several. */
export function choices(...list: readonly object[]): object {
  return { id: 'cmpl-1', object: 'text_completion', choices: list };
}

export const role = chat({ role: 'assistant', content: '' });

export interface UsageFields {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly [more: string]: unknown;
}

export function usageOf(completionTokens: unknown, more: object = {}): UsageFields {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, ...more };
}

/** The event without choices that contains the token counts. */
export function usage(completionTokens: unknown, more: object = {}): object {
  return { id: 'cmpl-1', choices: [], usage: usageOf(completionTokens, more) };
}

/** An event of SGLang's `/generate`. */
export function sglang(
  text: string | undefined,
  completionTokens: unknown,
  { finish = null, ...more }: { readonly finish?: Finish; readonly [field: string]: unknown } = {},
): object {
  return {
    ...defined({ text }),
    ...more,
    meta_info: {
      id: 'r1',
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      finish_reason: finish,
    },
  };
}

/** An event of Triton's `generate_stream`. */
export function triton(text: string): object {
  return { model_name: 'ensemble', model_version: '1', text_output: text };
}

/** The word for token `index`. */
export function word(index: number): string {
  return ` w${index}`;
}

/** `length` for the last token, otherwise null. */
export function lengthIf(isLast: boolean): Finish {
  return isLast ? 'length' : null;
}

/** An event of the Messages API; its type is also its name. */
export function message(type: string, more: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
}

export const messageStart = message('message_start', {
  message: { role: 'assistant', content: [], usage: { input_tokens: promptTokens, output_tokens: 1 } },
});

/** A delta in a block of text, thinking or arguments. */
export function blockDelta(delta: object, index = 0): string {
  return message('content_block_delta', { index, delta });
}

/** The end of a message. */
export function messageEnd(outputTokens: unknown, reason: string | null = 'max_tokens'): string {
  return (
    message('content_block_stop', { index: 0 }) +
    message('message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: outputTokens } })
  );
}

export const messageStop = message('message_stop', {});

/** The end of a reply of the Responses API. */
export function responseEnd(outputTokens: unknown, more: object = {}): string {
  return message('response.completed', {
    response: {
      object: 'response',
      status: 'completed',
      usage: { input_tokens: promptTokens, output_tokens: outputTokens },
      ...more,
    },
  });
}

/** A line of Ollama's `/api/generate`. */
export function ollama(response: string, done?: object): string {
  return `${JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', response, done: done !== undefined, ...done })}\n`;
}

/** A line of Ollama's `/api/chat`. */
export function ollamaChat(said: object, done?: object): string {
  return `${JSON.stringify({ model: 'm', message: { role: 'assistant', ...said }, done: done !== undefined, ...done })}\n`;
}

export function ollamaCounts(completionTokens: unknown, more: object = {}): object {
  return { done_reason: 'length', prompt_eval_count: promptTokens, eval_count: completionTokens, ...more };
}

/** An event of TGI's `/generate_stream`; `details` come with the last one. */
export function tgi(index: number, text: string, details?: object): string {
  return sse({
    index,
    token: { id: index, text, logprob: -0.5, special: false },
    generated_text: details === undefined ? null : 'all of it',
    details: details ?? null,
  });
}
