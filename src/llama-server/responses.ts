import { randomUUID } from 'node:crypto';
import { defined } from '../defined/defined.ts';

export interface TokenUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

export function usage(promptTokens: number, completionTokens: number, cachedTokens: number): TokenUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

/** Writes one of OpenAI's two response formats, whole or in chunks. */
export interface AnswerFormat {
  chunk(text: string, finishReason: string | null, first: boolean): object;
  /** The last chunk of a stream that requested usage; it has no choices. */
  usageChunk(usage: TokenUsage): object;
  whole(text: string, finishReason: string, usage: TokenUsage): object;
}

export function completionFormat(model: string, createdS: number): AnswerFormat {
  const head = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: createdS, model };
  const choice = (text: string, finishReason: string | null) => ({
    index: 0,
    text,
    logprobs: null,
    finish_reason: finishReason,
  });
  return {
    chunk: (text, finishReason) => ({ ...head, choices: [choice(text, finishReason)] }),
    usageChunk: (total) => ({ ...head, choices: [], usage: total }),
    whole: (text, finishReason, total) => ({ ...head, choices: [choice(text, finishReason)], usage: total }),
  };
}

export function chatFormat(model: string, createdS: number): AnswerFormat {
  const head = { id: `chatcmpl-${randomUUID()}`, created: createdS, model };
  const chunkHead = { ...head, object: 'chat.completion.chunk' };
  return {
    chunk: (content, finishReason, first) => ({
      ...chunkHead,
      choices: [
        {
          index: 0,
          delta: { ...defined({ role: first ? 'assistant' : undefined }), content },
          logprobs: null,
          finish_reason: finishReason,
        },
      ],
    }),
    usageChunk: (total) => ({ ...chunkHead, choices: [], usage: total }),
    whole: (content, finishReason, total) => ({
      ...head,
      object: 'chat.completion',
      choices: [
        { index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: finishReason },
      ],
      usage: total,
    }),
  };
}
