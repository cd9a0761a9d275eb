import type { SampleReply } from './sample.ts';

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
  /** Fields to leave out, one inside another as `stream_options.include_usage`. */
  readonly omitFields?: readonly string[];
  /** The field that holds the tokens asked for, if it is not the backend's own. */
  readonly tokenLimitField?: string;
  /** Asks for the log probabilities of each token and of so many others. */
  readonly logprobs?: number;
}

/** What one streamed event says of one choice. */
export interface ChoiceReading {
  /** Which of the choices of the reply, from 0. */
  readonly index: number;
  /** New text of the answer; '' for none. */
  readonly answer: string;
  /** New text of a reasoning before it; '' for none. */
  readonly reasoning: string;
  /** It brings generated output that is no text: a tool call, audio. */
  readonly hasOtherOutput?: boolean | undefined;
  /** Tokens that it brings, if it lists their ids or probabilities. */
  readonly tokens?: number | undefined;
  /** The server's count of the tokens of this choice so far. */
  readonly tokensSoFar?: number | undefined;
  /** It brings text under a name that tells nothing of it: perhaps a token, perhaps a word about the reply. */
  readonly hasUnknownText?: boolean;
  /** It says all of a message: what parts have said before it is repeated. */
  readonly isWhole?: boolean;
  /** It names the role of the speaker. */
  readonly hasRole?: boolean;
  /** Why the choice is over, if it is. */
  readonly finish?: string | undefined;
  /** What the server says went wrong with it. */
  readonly error?: string | undefined;
}

/** The server's counts; each is undefined if the event carries none. */
export interface CountsReading {
  /** Output tokens of the reply so far. */
  readonly completionTokens?: number | undefined;
  readonly promptTokens?: number | undefined;
  /** Prompt tokens that came from the prefix cache. */
  readonly cachedTokens?: number | undefined;
  /** Output tokens of the reasoning, whether it was sent or not. */
  readonly reasoningTokens?: number | undefined;
  /** Output tokens of a prediction that are counted and not sent. */
  readonly rejectedTokens?: number | undefined;
  /** One of the counts of the output is not a count, or they contradict each other. */
  readonly isDamaged?: boolean;
}

/** What one streamed event says. */
export interface EventReading {
  readonly choices: readonly ChoiceReading[];
  readonly counts?: CountsReading | undefined;
  /** The event is the protocol's own end of the reply. */
  readonly isLast?: boolean | undefined;
  /** The server reports an error. */
  readonly error?: string | undefined;
  /** The event has none of the forms that the protocol has; it is looked at for a message of failure, and for text. */
  readonly isUnknown?: boolean | undefined;
  /** It stands for generated tokens of which nothing is sent, in a number that it does not tell. */
  readonly hidesTokens?: boolean | undefined;
}

/** What a choice has said before an event, for servers that repeat it. */
export interface PriorReply {
  /** All text of the answer of a choice, if the backend is one that repeats it. */
  answer(choice: number): string;
  /** Tokens the server counted in all; 0 if it has not. */
  readonly completionTokens: number;
}

/** One way of asking a server for a streamed completion and of reading its events. */
export interface Backend {
  readonly path: string;
  /** How the paths end under which servers have it, if its own is one of many. */
  readonly pathEnding?: string;
  /** Headers that its requests have beside those of all, if the user does not give them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The field of a request that holds the tokens asked for. */
  readonly tokenLimitField: string;
  /** Set if it has fields for `logprobs`. */
  readonly hasLogprobs?: true;
  /** The kinds of prompt it can send. */
  readonly prompts: readonly PromptBody['kind'][];
  /** JSON keys under which its events carry new text, for recognising token events by their bytes. */
  readonly textKeys: readonly string[];
  /** No event ever carries a usage. */
  readonly countsNoTokens?: true;
  /** A whole reply carries neither `[DONE]` nor a finish reason. */
  readonly endsWithoutMark?: true;
  /** Each event repeats all text so far: it is kept, to tell what is new. */
  readonly repeatsText?: true;
  /** The end of the last choice is not the end of the reply: another event says so. */
  readonly hasLastEvent?: true;
  /** The request body is `before`, the prompt's JSON, `after`. */
  envelope(prompt: PromptBody['kind'], settings: EnvelopeSettings): { before: string; after: string };
  /** Reads one event's JSON; `name` is the event's name in the stream, '' for none. */
  read(event: unknown, prior: PriorReply, name: string): EventReading;
  /** A reply of so many tokens, as its servers send it: the code that reads replies is warmed up with it. */
  sample(id: string, tokens: number): SampleReply;
}
