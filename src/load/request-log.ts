import type { TimeBounds } from './reply/empty-events.ts';
import { GapDistribution, type GapParts } from './statistics/gap-distribution.ts';

/** The state of a request; `outside`: it completed, but was sent outside the window of the test's figures. */
export const RequestState = {
  unsent: 0,
  inFlight: 1,
  completed: 2,
  failed: 3,
  abandoned: 4,
  outside: 5,
} as const;
export type RequestState = (typeof RequestState)[keyof typeof RequestState];

/** The part of a test whose requests are in its figures, in milliseconds on the clock of the log. */
export interface TestWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A kind of trouble, how often it occurred, and an example. */
export interface Trouble {
  readonly class: string;
  count: number;
  readonly example: string;
  /** Whether a request with this trouble counts as failed; otherwise it completed, but not as requested. */
  readonly failed: boolean;
}

/**
 * Columns of typed memory with one element per request, so that recording allocates nothing. Times are milliseconds on
 * the system's monotonic clock. Unknown values are NaN: a reply that was not streamed has no first-token time, and one
 * without any count has no number of tokens.
 */
export interface RequestColumns {
  readonly state: Uint8Array;
  /** When an open loop was due to send it; NaN in a closed loop. */
  readonly scheduledMs: Float64Array;
  readonly startMs: Float64Array;
  readonly firstTokenMs: Float64Array;
  readonly lastTokenMs: Float64Array;
  /** When the first visible text of any kind arrived. */
  readonly firstTextMs: Float64Array;
  /** When the answer started after reasoning; NaN for a reply without reasoning. */
  readonly firstAnswerMs: Float64Array;
  /** Sum over all choices of the time from the first token to the last. TPOT is `decodeMs / decodeSteps`. */
  readonly decodeMs: Float64Array;
  /** Tokens of all choices, minus the first of each; 0 or NaN for a reply without a TPOT. */
  readonly decodeSteps: Float64Array;
  /** When its stream became free. */
  readonly endMs: Float64Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** Prompt tokens that the server reports as read from its prefix cache. */
  readonly cachedTokens: Float64Array;
  readonly chunks: Uint32Array;
  /** Results of a server that generates no tokens. */
  readonly results: Uint32Array;
  /** Which of the server's reachable addresses it was sent to. */
  readonly address: Uint16Array;
}

/** What is kept of each request besides its columns: nothing, the example of an error, the text too, or gaps as well. */
export type KeptOfEach = 'nothing' | 'errors' | 'texts' | 'everything';

/** Creates columns for `length` requests. Several threads can write to `shared` columns, each to its own requests. */
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
    results: new Uint32Array(bytes(4)),
    address: new Uint16Array(bytes(2)),
  };
}

/** A reply's text, kept until the clock has stopped so that a tokenizer can count its tokens. */
export interface KeptText {
  readonly index: number;
  readonly text: string;
  /** Tokens counted by the server; if undefined, the gaps also wait for the tokenizer's count. */
  readonly usageTokens: number | undefined;
  readonly chunkGapsMs: Float32Array;
  readonly choices: number;
  /** Tokens requested, over all choices. */
  readonly asked: number;
}

/** A completed reply whose token events cannot be identified with certainty, and bounds on the resulting error. */
export interface UndecidedReply {
  readonly index: number;
  readonly bounds: TimeBounds;
}

/** What one thread recorded in addition to the columns; sent between threads as is. */
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

/** Kept text is limited to this many characters; further replies are counted by their chunks. */
const mostKeptCharacters = 1 << 26;

/** Everything that is recorded during a test. */
export class RequestLog implements RequestColumns {
  /** Requests sent outside of it are in no figure of latencies; undefined if all are. Set before the first send. */
  window: TestWindow | undefined;
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
  readonly results: Uint32Array;
  readonly address: Uint16Array;
  readonly kept: KeptOfEach;
  /** Gaps between successive chunks with text, of completed requests. */
  readonly chunkGapsMs = new GapDistribution();
  #tokenGapsMs: GapDistribution | undefined;
  /** Token gaps by request, if the test requested details. */
  readonly detailedGapsMs: (Float32Array | undefined)[] | undefined;
  /** An example error of each request that had one, if it is kept. */
  readonly detailedErrors: (string | undefined)[] | undefined;
  /** The text of each completed reply, up to the size limit, if it is kept. */
  readonly detailedTexts: (string | undefined)[] | undefined;
  readonly troubles = new Map<string, Trouble>();
  readonly keptTexts: KeptText[] = [];
  readonly undecided: UndecidedReply[] = [];
  #keptCharacters = 0;
  #detailedCharacters = 0;

  constructor(columns: RequestColumns, kept: KeptOfEach) {
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
    this.results = columns.results;
    this.address = columns.address;
    this.kept = kept;
    const { length } = this;
    const places = (isKept: boolean): undefined[] | undefined =>
      isKept ? new Array<undefined>(length).fill(undefined) : undefined;
    this.detailedGapsMs = places(kept === 'everything');
    this.detailedErrors = places(kept !== 'nothing');
    this.detailedTexts = places(kept === 'texts' || kept === 'everything');
  }

  static ofLength(length: number): RequestLog {
    return new RequestLog(requestColumns(length, { shared: false }), 'nothing');
  }

  /**
   * Gaps between successive tokens of completed requests; the same as the chunk gaps until a chunk carries several
   * tokens.
   */
  get tokenGapsMs(): GapDistribution {
    return this.#tokenGapsMs ?? this.chunkGapsMs;
  }

  /** Records the gaps of a completed request. Pass the same array twice if each chunk was one token. */
  recordGaps(index: number, chunkGapsMs: Float32Array, tokenGapsMs: Float32Array): void {
    if (this.isOutside(index)) return;
    if (tokenGapsMs !== chunkGapsMs) this.#splitGaps();
    this.chunkGapsMs.pushAll(chunkGapsMs);
    this.#tokenGapsMs?.pushAll(tokenGapsMs);
    if (this.detailedGapsMs !== undefined) this.detailedGapsMs[index] = tokenGapsMs.slice();
  }

  /** Whether reply texts are requested and there is still room for them. */
  get wantsTexts(): boolean {
    return this.detailedTexts !== undefined && this.#detailedCharacters < mostKeptCharacters;
  }

  /** Stores the text of a completed reply, if it is kept. */
  recordText(index: number, text: string): void {
    if (this.detailedTexts === undefined) return;
    this.#detailedCharacters += text.length;
    if (this.#detailedCharacters <= mostKeptCharacters) this.detailedTexts[index] = text;
  }

  /** Stores the text if there is room; returns whether it did. */
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

  /** When each request was due in an open loop, or else sent. */
  get dueMs(): Float64Array {
    return this.startMs.map((atMs, index) => {
      const scheduledMs = this.scheduledMs[index] ?? Number.NaN;
      return Number.isNaN(scheduledMs) ? atMs : scheduledMs;
    });
  }

  /** Whether a request that was sent does not belong to the window. */
  isOutside(index: number): boolean {
    if (this.window === undefined) return false;
    const scheduledMs = this.scheduledMs[index] ?? Number.NaN;
    const atMs = Number.isNaN(scheduledMs) ? (this.startMs[index] ?? Number.NaN) : scheduledMs;
    return atMs < this.window.fromMs || atMs > this.window.toMs;
  }

  /** Whether a request completed, inside or outside the window. */
  isReply(index: number): boolean {
    const state = this.state[index];
    return state === RequestState.completed || state === RequestState.outside;
  }

  /** How many requests are in the given state. */
  count(state: RequestState): number {
    let count = 0;
    for (const value of this.state) if (value === state) count++;
    return count;
  }

  /** The completed requests, in log order; those outside the window are not among them. */
  *completedIndexes(): Generator<number> {
    for (let index = 0; index < this.length; index++)
      if (this.state[index] === RequestState.completed) yield index;
  }

  /** Computes a number for each completed request, in log order. */
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

  /** Adds what another thread recorded in a log with the same columns. */
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
