import type { PromptBody } from '../backends/index.ts';

/** One prompt with what is known about it. */
export interface Prompt {
  readonly body: PromptBody;
  /** Its exact length in tokens, as the server should count it; undefined where only the server can tell. */
  readonly inputTokens: number | undefined;
  /** For such a one: what our own tokenizer counts in it, without what the server may add. */
  readonly estimatedInputTokens?: number | undefined;
  /** Tokens asked for. */
  readonly outputTokens: number;
}

/** A seeded, finite list of prompts: the same settings and seed give the same bytes. */
export interface Dataset {
  readonly length: number;
  prompt(index: number): Prompt;
  /**
   * For a later turn of a conversation: how long after the end of the request before it, on the same stream, it is
   * sent, milliseconds. Undefined for a request that starts on its own.
   */
  pauseBeforeMs?(index: number): number | undefined;
}
