import type { TimeBounds } from './reply/empty-events.ts';
import { GapDistribution, type GapParts } from './statistics/gap-distribution.ts';

/** What became of a request. */
export const RequestState = { unsent: 0, inFlight: 1, completed: 2, failed: 3, abandoned: 4 } as const;
export type RequestState = (typeof RequestState)[keyof typeof RequestState];

/** One kind of trouble, with how often it was met and an example of it. */
export interface Trouble {
  readonly class: string;
  count: number;
  readonly example: string;
  /** Whether a request in this trouble counts as failed; if not, it completed but not as asked. */
  readonly failed: boolean;
}

/**
 * What is recorded of each request, by its index, in columns of typed memory so that recording allocates nothing.
 * Times are milliseconds on the system's monotonic clock. NaN is what is not known: a reply that was not streamed has
 * no time of a first token, one without any count has no number of tokens.
 */
export interface RequestColumns {
  readonly state: Uint8Array;
  /** When an open loop meant to send it; NaN in a closed loop. */
  readonly scheduledMs: Float64Array;
  readonly startMs: Float64Array;
  readonly firstTokenMs: Float64Array;
  readonly lastTokenMs: Float64Array;
  /** When the first visible text of any kind came. */
  readonly firstTextMs: Float64Array;
  /** When the answer began after a reasoning; NaN for a reply without reasoning. */
  readonly firstAnswerMs: Float64Array;
  /** Time per output token is `decodeMs / decodeSteps`: the time from each choice's first token to its last, summed. */
  readonly decodeMs: Float64Array;
  /** Tokens of all choices, less the first of each; 0 or NaN for a reply that has no time per output token. */
  readonly decodeSteps: Float64Array;
  /** When its stream was free again. */
  readonly endMs: Float64Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** Prompt tokens that the server says came from its prefix cache. */
  readonly cachedTokens: Float64Array;
  readonly chunks: Uint32Array;
}

/** Columns for `length` requests; `shared` ones can be written by several threads, each its own requests. */
export function requestColumns(length: number, { shared }: { readonly shared: boolean }): RequestColumns {
  const bytes = (size: number): ArrayBufferLike =>
    shared ? new SharedArrayBuffer(size * length) : new ArrayBuffer(size * length);
  const unknowns = (): Float64Array => new Float64Array(bytes(8)).fill(Number.NaN);
  return {
    state: new Uint8Array(bytes(1)),
    scheduledMs: unknowns(),
    startMs: unknowns(),
    firstTokenMs: unknowns(),
    lastTokenMs: unknowns(),
    firstTextMs: unknowns(),
    firstAnswerMs: unknowns(),
    decodeMs: unknowns(),
    decodeSteps: unknowns(),
    endMs: unknowns(),
    inputTokens: unknowns(),
    outputTokens: unknowns(),
    cachedTokens: unknowns(),
    chunks: new Uint32Array(bytes(4)),
  };
}

/** The text of a reply, kept until the clock has stopped: its tokens are then counted with a tokenizer. */
export interface KeptText {
  readonly index: number;
  readonly text: string;
  /** Tokens the server counted; undefined where it did not, and the gaps wait for the count as well. */
  readonly usageTokens: number | undefined;
  readonly chunkGapsMs: Float32Array;
  readonly choices: number;
  /** Tokens asked for, over all choices. */
  readonly asked: number;
}

/** A completed reply of which it cannot be told which events were tokens, and how far its times can be off by that. */
export interface UndecidedReply {
  readonly index: number;
  readonly bounds: TimeBounds;
}

/** What one thread recorded beside the columns; goes from thread to thread as it is. */
export interface LogParts {
  readonly chunkGaps: GapParts;
  readonly tokenGaps: GapParts | undefined;
  readonly troubles: readonly Trouble[];
  readonly detailedGaps: readonly (readonly [index: number, gapsMs: Float32Array])[];
  readonly detailedErrors: readonly (readonly [index: number, error: string])[];
  readonly detailedTexts: readonly (readonly [index: number, text: string])[];
  readonly keptTexts: readonly KeptText[];
  readonly undecided: readonly UndecidedReply[];
}

/** More text than this is not kept: the chunks of further replies are counted instead. */
const mostKeptCharacters = 1 << 26;

/** All that is recorded of a test. */
export class RequestLog implements RequestColumns {
  readonly columns: RequestColumns;
  readonly length: number;
  readonly state: Uint8Array;
  readonly scheduledMs: Float64Array;
  readonly startMs: Float64Array;
  readonly firstTokenMs: Float64Array;
  readonly lastTokenMs: Float64Array;
  readonly firstTextMs: Float64Array;
  readonly firstAnswerMs: Float64Array;
  readonly decodeMs: Float64Array;
  readonly decodeSteps: Float64Array;
  readonly endMs: Float64Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly cachedTokens: Float64Array;
  readonly chunks: Uint32Array;
  /** Gaps between successive chunks with text, of completed requests. */
  readonly chunkGapsMs = new GapDistribution();
  #tokenGapsMs: GapDistribution | undefined;
  /** Token gaps by request, where the test asked for detail. */
  readonly detailedGapsMs: (Float32Array | undefined)[] | undefined;
  /** The example error of each request that had one, where the test asked for detail. */
  readonly detailedErrors: (string | undefined)[] | undefined;
  /** What each completed reply says, where the test asked for detail, as far as there is room. */
  readonly detailedTexts: (string | undefined)[] | undefined;
  readonly troubles = new Map<string, Trouble>();
  readonly keptTexts: KeptText[] = [];
  readonly undecided: UndecidedReply[] = [];
  #keptCharacters = 0;
  #detailedCharacters = 0;

  constructor(columns: RequestColumns, settings: { readonly detailed: boolean }) {
    this.columns = columns;
    this.length = columns.state.length;
    this.state = columns.state;
    this.scheduledMs = columns.scheduledMs;
    this.startMs = columns.startMs;
    this.firstTokenMs = columns.firstTokenMs;
    this.lastTokenMs = columns.lastTokenMs;
    this.firstTextMs = columns.firstTextMs;
    this.firstAnswerMs = columns.firstAnswerMs;
    this.decodeMs = columns.decodeMs;
    this.decodeSteps = columns.decodeSteps;
    this.endMs = columns.endMs;
    this.inputTokens = columns.inputTokens;
    this.outputTokens = columns.outputTokens;
    this.cachedTokens = columns.cachedTokens;
    this.chunks = columns.chunks;
    const { length } = this;
    this.detailedGapsMs = settings.detailed ? new Array<undefined>(length).fill(undefined) : undefined;
    this.detailedErrors = settings.detailed ? new Array<undefined>(length).fill(undefined) : undefined;
    this.detailedTexts = settings.detailed ? new Array<undefined>(length).fill(undefined) : undefined;
  }

  static ofLength(length: number): RequestLog {
    return new RequestLog(requestColumns(length, { shared: false }), { detailed: false });
  }

  /** Gaps between successive tokens, of completed requests: those between chunks until a chunk had several. */
  get tokenGapsMs(): GapDistribution {
    return this.#tokenGapsMs ?? this.chunkGapsMs;
  }

  /** The gaps of one completed request; the same array twice where each chunk was a token. */
  recordGaps(index: number, chunkGapsMs: Float32Array, tokenGapsMs: Float32Array): void {
    if (tokenGapsMs !== chunkGapsMs) this.#splitGaps();
    this.chunkGapsMs.pushAll(chunkGapsMs);
    this.#tokenGapsMs?.pushAll(tokenGapsMs);
    if (this.detailedGapsMs !== undefined) this.detailedGapsMs[index] = tokenGapsMs.slice();
  }

  /** Whether the text of every reply is wanted, as far as there is room. */
  get wantsTexts(): boolean {
    return this.detailedTexts !== undefined && this.#detailedCharacters < mostKeptCharacters;
  }

  /** The text of a completed reply, where the test asked for detail. */
  recordText(index: number, text: string): void {
    if (this.detailedTexts === undefined) return;
    this.#detailedCharacters += text.length;
    if (this.#detailedCharacters <= mostKeptCharacters) this.detailedTexts[index] = text;
  }

  /** Whether there is room for the text. */
  keepText(kept: KeptText): boolean {
    this.#keptCharacters += kept.text.length;
    if (this.#keptCharacters > mostKeptCharacters) return false;
    this.keptTexts.push(kept);
    return true;
  }

  trouble(index: number, troubleClass: string, example: string, failed: boolean): void {
    this.#addTrouble({ class: troubleClass, count: 1, example, failed });
    if (this.detailedErrors !== undefined) this.detailedErrors[index] = `${troubleClass}: ${example}`;
  }

  /** How many requests are in a state. */
  count(state: RequestState): number {
    let count = 0;
    for (const value of this.state) if (value === state) count++;
    return count;
  }

  /** One number per completed request. */
  completed(value: (index: number) => number): Float64Array {
    const values = new Float64Array(this.count(RequestState.completed));
    let used = 0;
    for (let index = 0; index < this.length; index++) {
      if (this.state[index] === RequestState.completed) values[used++] = value(index);
    }
    return values;
  }

  parts(): LogParts {
    const known = <T>(list: readonly (T | undefined)[] = []): [number, T][] =>
      list.flatMap((value, index) => (value === undefined ? [] : [[index, value]]));
    return {
      chunkGaps: this.chunkGapsMs.parts(),
      tokenGaps: this.#tokenGapsMs?.parts(),
      troubles: [...this.troubles.values()],
      detailedGaps: known(this.detailedGapsMs),
      detailedErrors: known(this.detailedErrors),
      detailedTexts: known(this.detailedTexts),
      keptTexts: this.keptTexts,
      undecided: this.undecided,
    };
  }

  /** Takes in what another thread recorded in a log of the same columns. */
  absorb(parts: LogParts): void {
    if (parts.tokenGaps !== undefined) this.#splitGaps();
    this.chunkGapsMs.absorb(parts.chunkGaps);
    this.#tokenGapsMs?.absorb(parts.tokenGaps ?? parts.chunkGaps);
    for (const trouble of parts.troubles) this.#addTrouble(trouble);
    for (const [index, gapsMs] of parts.detailedGaps) this.detailedGapsMs?.splice(index, 1, gapsMs);
    for (const [index, error] of parts.detailedErrors) this.detailedErrors?.splice(index, 1, error);
    for (const [index, text] of parts.detailedTexts) this.detailedTexts?.splice(index, 1, text);
    this.keptTexts.push(...parts.keptTexts);
    this.undecided.push(...parts.undecided);
  }

  #splitGaps(): void {
    this.#tokenGapsMs ??= this.chunkGapsMs.copy();
  }

  #addTrouble({ class: troubleClass, count, example, failed }: Trouble): void {
    const known = this.troubles.get(troubleClass);
    if (known === undefined) this.troubles.set(troubleClass, { class: troubleClass, count, example, failed });
    else known.count += count;
  }
}
