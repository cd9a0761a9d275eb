import { promptTokens } from './exchange.ts';

/** An event of a stream as servers write it. */
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

/** A chunk with another choice than the only one, or with several. */
export function choices(...list: readonly object[]): object {
  return { id: 'cmpl-1', object: 'text_completion', choices: list };
}

export const role = chat({ role: 'assistant', content: '' });

export interface Usage {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly [more: string]: unknown;
}

export function usageOf(completionTokens: unknown, more: object = {}): Usage {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, ...more };
}

/** The event without choices that tells the counts. */
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
    ...(text === undefined ? {} : { text }),
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

/** The word of token `index`. */
export function word(index: number): string {
  return ` w${index}`;
}

/** `length` with the last token, nothing before. */
export function lengthIf(isLast: boolean): Finish {
  return isLast ? 'length' : null;
}
