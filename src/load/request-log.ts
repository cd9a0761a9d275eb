import { GapDistribution } from './statistics/gap-distribution.ts';

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
 * All that is recorded of a test, by request index, in columns of typed memory so that recording allocates nothing.
 * Times are milliseconds on the process's monotonic clock.
 */
export class RequestLog {
  readonly length: number;
  readonly state: Uint8Array;
  /** When an open loop meant to send it; NaN in a closed loop. */
  readonly scheduledMs: Float64Array;
  readonly startMs: Float64Array;
  readonly firstTokenMs: Float64Array;
  readonly lastTokenMs: Float64Array;
  /** When its stream was free again. */
  readonly endMs: Float64Array;
  readonly inputTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
  readonly chunks: Uint32Array;
  /** Gaps between successive chunks with text, of completed requests. */
  readonly chunkGapsMs = new GapDistribution();
  #tokenGapsMs: GapDistribution | undefined;
  /** Token gaps by request, where the test asked for detail. */
  readonly detailedGapsMs: (Float32Array | undefined)[] | undefined;
  /** The example error of each request that had one, where the test asked for detail. */
  readonly detailedErrors: (string | undefined)[] | undefined;
  readonly troubles = new Map<string, Trouble>();

  constructor(length: number, settings: { readonly detailed: boolean }) {
    this.length = length;
    this.state = new Uint8Array(length);
    this.scheduledMs = new Float64Array(length).fill(Number.NaN);
    this.startMs = new Float64Array(length);
    this.firstTokenMs = new Float64Array(length);
    this.lastTokenMs = new Float64Array(length);
    this.endMs = new Float64Array(length);
    this.inputTokens = new Uint32Array(length);
    this.outputTokens = new Uint32Array(length);
    this.chunks = new Uint32Array(length);
    this.detailedGapsMs = settings.detailed ? new Array<undefined>(length).fill(undefined) : undefined;
    this.detailedErrors = settings.detailed ? new Array<undefined>(length).fill(undefined) : undefined;
  }

  /** Gaps between successive tokens, of completed requests: those between chunks until a chunk had several. */
  get tokenGapsMs(): GapDistribution {
    return this.#tokenGapsMs ?? this.chunkGapsMs;
  }

  /** The gaps of one completed request; the same array twice where each chunk was a token. */
  recordGaps(chunkGapsMs: Float32Array, tokenGapsMs: Float32Array): void {
    if (tokenGapsMs !== chunkGapsMs && this.#tokenGapsMs === undefined) {
      this.#tokenGapsMs = this.chunkGapsMs.copy();
    }
    this.chunkGapsMs.pushAll(chunkGapsMs);
    this.#tokenGapsMs?.pushAll(tokenGapsMs);
  }

  trouble(index: number, troubleClass: string, example: string, failed: boolean): void {
    const known = this.troubles.get(troubleClass);
    if (known === undefined)
      this.troubles.set(troubleClass, { class: troubleClass, count: 1, example, failed });
    else known.count++;
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
}
