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
  /** How tokens are drawn (temperature, top_p, …), by the server's own names. */
  readonly sampling: Readonly<Record<string, number>>;
  /** Asks for a count of tokens with each chunk, where the server can give it. */
  readonly perChunkUsage: boolean;
  /** More fields of the body, over those that are there. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** What one streamed event says. */
export interface EventReading {
  /** New text; '' for a role-only or empty chunk. */
  readonly text: string;
  /** The server's own count of all tokens of the reply so far, where the event carries one. */
  readonly completionTokens?: number;
  readonly promptTokens?: number;
  /** The server says the reply is over. */
  readonly finished?: boolean;
  /** The server reports an error inside the stream. */
  readonly error?: string;
}

/** What a reply has said before an event. */
export interface PriorReply {
  /** Characters of text. */
  readonly textLength: number;
  /** Tokens the server counted; 0 where it has not. */
  readonly completionTokens: number;
}

/** One way of asking a server for a streamed completion and of reading its events. */
export interface Backend {
  readonly path: string;
  /** The kinds of prompt it can send. */
  readonly prompts: readonly PromptBody['kind'][];
  /** JSON keys under which its events carry new text, for recognising token events by their bytes. */
  readonly textKeys: readonly string[];
  /** Set where no event ever carries a usage. */
  readonly countsNoTokens?: true;
  /** Set where a whole reply carries neither `[DONE]` nor a finish reason. */
  readonly endsWithoutMark?: true;
  /** The request body is `before`, the prompt's JSON, `after`. */
  envelope(prompt: PromptBody['kind'], settings: EnvelopeSettings): { before: string; after: string };
  /** Reads one event's JSON; `prior` is for servers that repeat all text with each event. */
  read(event: unknown, prior: PriorReply): EventReading;
}
