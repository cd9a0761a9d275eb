import type { SampleReply } from './sample.ts';

/**
 * What is sent as the prompt, in JSON bytes: token ids, text, or a complete list of chat messages. For servers that
 * generate nothing, also a list of texts or of token ids, or a ranking: two fields without braces, `query` and
 * `documents`.
 */
export interface PromptBody {
  readonly kind: 'token-ids' | 'text' | 'messages' | 'list' | 'ranking';
  readonly json: Uint8Array;
}

export interface EnvelopeSettings {
  readonly model: string;
  /** Tokens requested. */
  readonly outputTokens: number;
  readonly ignoreEos: boolean;
  /** Sampling parameters (temperature, top_p, …) under the server's names. */
  readonly sampling: Readonly<Record<string, number>>;
  /** Requests a token count with each chunk, if the server supports it. */
  readonly perChunkUsage: boolean;
  /** Additional body fields, which override existing ones. */
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** Fields to omit; nested ones are written like `stream_options.include_usage`. */
  readonly omitFields?: readonly string[];
  /** The field for the number of tokens to generate, if it differs from the backend's default. */
  readonly tokenLimitField?: string;
  /** Requests log probabilities for each token and this many alternatives. */
  readonly logprobs?: number;
}

/** What one streamed event contains for one choice. */
export interface ChoiceReading {
  /** The choice's index in the reply, from 0. */
  readonly index: number;
  /** New text of the answer, or ''. */
  readonly answer: string;
  /** New text of the reasoning before the answer, or ''. */
  readonly reasoning: string;
  /** It contains generated output that is not text: a tool call, audio. */
  readonly hasOtherOutput?: boolean | undefined;
  /** The number of tokens in the event, if it lists their ids or log probabilities. */
  readonly tokens?: number | undefined;
  /** The server's count of this choice's tokens so far. */
  readonly tokensSoFar?: number | undefined;
  /** It contains text under an unknown name: perhaps a token, perhaps a remark about the reply. */
  readonly hasUnknownText?: boolean;
  /** It contains a whole message and repeats what previous events said. */
  readonly isWhole?: boolean;
  /** It names the speaker's role. */
  readonly hasRole?: boolean;
  /** Why the choice ended, if it has. */
  readonly finish?: string | undefined;
  /** The error that the server reports for this choice. */
  readonly error?: string | undefined;
}

/** Token counts by the server; each is undefined if the event does not carry it. */
export interface CountsReading {
  /** Output tokens of the reply so far. */
  readonly completionTokens?: number | undefined;
  readonly promptTokens?: number | undefined;
  /** Prompt tokens that came from the prefix cache. */
  readonly cachedTokens?: number | undefined;
  /** Output tokens of the reasoning, whether it was sent or not. */
  readonly reasoningTokens?: number | undefined;
  /** Output tokens of a predicted output that are counted but not sent. */
  readonly rejectedTokens?: number | undefined;
  /** An output count is not a valid number, or counts contradict each other. */
  readonly isDamaged?: boolean;
}

/** The content of one streamed event. */
export interface EventReading {
  readonly choices: readonly ChoiceReading[];
  readonly counts?: CountsReading | undefined;
  /** The event is the protocol's own end of the reply. */
  readonly isLast?: boolean | undefined;
  /** The error that the server reports. */
  readonly error?: string | undefined;
  /** Results of a backend that pools. */
  readonly results?: number | undefined;
  /** The event has no form that the protocol defines; it is searched for an error message and for text. */
  readonly isUnknown?: boolean | undefined;
  /** It stands for generated tokens whose text and number are not sent. */
  readonly hidesTokens?: boolean | undefined;
}

/** What the previous events of a reply contained, for servers that repeat it. */
export interface PriorReply {
  /** The answer text of a choice so far, if the backend's events repeat it. */
  answer(choice: number): string;
  /** Total tokens counted by the server; 0 if it has not counted. */
  readonly completionTokens: number;
}

/** What a server computes from whole inputs instead of generating tokens. */
export interface Pooling {
  /** One result, such as an embedding or a score. */
  readonly unit: string;
  /** A reply has exactly one for each input of its request. */
  readonly isOneForEach: boolean;
}

/** A protocol for requesting a streamed completion, or the results of a pooling model, and reading the reply. */
export interface Backend {
  readonly path: string;
  /** Suffix of the paths on which servers offer it, if there are several. */
  readonly pathEnding?: string;
  /** Additional headers of its requests, unless the user sets them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request field for the number of tokens to generate. */
  readonly tokenLimitField: string;
  /** Set if it has fields for `logprobs`. */
  readonly hasLogprobs?: true;
  /** The kinds of prompt it accepts. */
  readonly prompts: readonly PromptBody['kind'][];
  /** JSON keys under which its events carry new text, used to recognise token events by their bytes. */
  readonly textKeys: readonly string[];
  /** Its events never carry usage. */
  readonly countsNoTokens?: true;
  /** A complete reply may lack both `[DONE]` and a finish reason. */
  readonly endsWithoutMark?: true;
  /** Each event repeats all text so far. The text is kept to find what is new. */
  readonly repeatsText?: true;
  /** Its replies are one JSON text of results, without generated tokens; such requests have no TTFT, TPOT or ITL. */
  readonly pools?: Pooling;
  /** The reply does not end with its last choice; a separate event ends it. */
  readonly hasLastEvent?: true;
  /** The request body is `before`, the prompt's JSON, `after`. */
  envelope(prompt: PromptBody['kind'], settings: EnvelopeSettings): { before: string; after: string };
  /** Reads one event's JSON; `name` is the event's name in the stream, or ''. */
  read(event: unknown, prior: PriorReply, name: string): EventReading;
  /** A reply of the given number of tokens as its servers send it, used to warm up the reading code. */
  sample(id: string, tokens: number): SampleReply;
}
