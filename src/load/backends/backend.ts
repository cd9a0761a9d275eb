/** What is sent as the prompt: token ids, text, or a whole list of chat messages, as the bytes of its JSON. */
export interface PromptBody {
  readonly kind: 'token-ids' | 'text' | 'messages';
  readonly json: Uint8Array;
}

export interface EnvelopeSettings {
  readonly model: string;
  /** Tokens asked for. */
  readonly outputTokens: number;
  readonly ignoreEos: boolean;
}

/** What one streamed event says. */
export interface EventReading {
  /** Characters of new text; 0 for a role-only or empty chunk. */
  readonly textLength: number;
  /** The server's own count of all tokens of the reply so far, where the event carries one. */
  readonly completionTokens?: number;
  readonly promptTokens?: number;
  /** The server says the reply is over. */
  readonly finished?: boolean;
  /** The server reports an error inside the stream. */
  readonly error?: string;
}

/** One way of asking a server for a streamed completion and of reading its events. */
export interface Backend {
  readonly path: string;
  /** The kinds of prompt it can send. */
  readonly prompts: readonly PromptBody['kind'][];
  /** JSON keys under which its events carry new text, for recognising token events by their bytes. */
  readonly textKeys: readonly string[];
  /** Set where a whole reply carries neither `[DONE]` nor a finish reason. */
  readonly endsWithoutMark?: true;
  /** The request body is `before`, the prompt's JSON, `after`. */
  envelope(prompt: PromptBody['kind'], settings: EnvelopeSettings): { before: string; after: string };
  /** Reads one event's JSON. `priorTextLength`: the characters of the reply before it, for servers that repeat them. */
  read(event: unknown, priorTextLength: number): EventReading;
}
