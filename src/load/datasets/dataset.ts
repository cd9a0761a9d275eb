import type { PromptBody } from '../backends/index.ts';

/** One prompt and its token counts. */
export interface Prompt {
  readonly body: PromptBody;
  /** The exact length in tokens that the server should count; undefined if only the server can count it. */
  readonly inputTokens: number | undefined;
  /** If `inputTokens` is undefined: our own tokenizer's count, without tokens that the server adds. */
  readonly estimatedInputTokens?: number | undefined;
  /** Tokens requested; 0 from a server that generates none. */
  readonly outputTokens: number;
  /** Inputs that a server that generates nothing has a result for. */
  readonly inputs?: number | undefined;
  /** Fields of this request's body in addition to those of all requests. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
  /** The model, if it is not that of the test. */
  readonly model?: string | undefined;
  /** Further headers of this request, such as the id of its session. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
}

export type Said = readonly (string | undefined)[];

/** A seeded, finite list of prompts: the same settings and seed give the same bytes. */
export interface Dataset {
  readonly length: number;
  /**
   * `said`: the server's replies to the previous turns of the conversation, which take the place of the recorded or
   * drawn ones; undefined for a turn that has none.
   */
  prompt(index: number, said?: Said): Prompt;
  /**
   * For a later turn of a conversation, the pause in milliseconds after the previous request on the same stream.
   * Undefined for a request that starts independently.
   */
  pauseBeforeMs?(index: number): number | undefined;
}
