/** The latencies that tools measure, by the contract's names (§4). */
export const metrics = ['ttft', 'tpot', 'itl', 'e2el'] as const;
export type LatencyMetric = (typeof metrics)[number];

/** The figures of a latency in milliseconds: `mean`, `median`, `std`, `min`, `max`, and percentiles as `p99` or `p99.9`. */
export type Figures = Readonly<Record<string, number>>;

/** The known facts about each request, in the contract's form; times in seconds, '' for no error. */
export interface Detail {
  readonly input_lens?: unknown;
  readonly output_lens?: unknown;
  readonly ttfts?: unknown;
  readonly itls?: unknown;
  readonly errors?: unknown;
}

/** Rates per second that a tool states in addition to their inputs; they are taken over unchanged if they are consistent. */
export interface StatedRates {
  readonly requests?: number;
  readonly goodRequests?: number;
  readonly outputTokens?: number;
  readonly inputTokens?: number;
  readonly totalTokens?: number;
}

/** A number that a file states twice in different ways. */
export interface Restatement {
  readonly field: string;
  readonly value: number;
  /** What `value` must be according to the claim, except for rounding. */
  readonly follows: number;
  /** It concerns only the input, so the rest may be right even if it is wrong. */
  readonly ofInput?: true;
}

/**
 * What a tool says it measured, before any check: numbers may be NaN, infinite, negative or in the wrong
 * unit. null means that the tool does not report the value.
 */
export interface Claim {
  readonly tool: string;
  readonly version?: string;
  readonly startedAt: Date;
  readonly backend: string;
  readonly model: string;
  readonly tokenizer: string;
  /** Requests a second; 'inf' without a bound; another word if it follows something else, such as a trace. */
  readonly requestRate: number | string | null;
  readonly burstiness: number;
  readonly maxConcurrency: number | null;
  readonly durationS: number;
  /** Requests that were asked for. */
  readonly asked: number | null;
  readonly completed: number;
  readonly failed: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number;
  readonly rates: StatedRates;
  readonly restatements?: readonly Restatement[];
  /** Output tokens recounted from the received text. */
  readonly retokenizedOutputTokens?: number | null;
  readonly latencies: Readonly<Partial<Record<LatencyMetric, Figures>>>;
  /** What the tool calls its latencies, if not by the contract's names. */
  readonly names?: Readonly<Partial<Record<LatencyMetric, string>>>;
  readonly detail?: Detail;
  /** Further fields, taken over as they are. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** Caveats about the figures, in words. */
  readonly reasons?: readonly string[];
  /** The test was stopped early. */
  readonly partial?: boolean;
}

/** The figures that are there, in milliseconds. */
export function figuresOf(
  values: Readonly<Record<string, number | null | undefined>>,
  toMs = 1,
): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) if (value != null) figures[name] = value * toMs;
  return figures;
}

/** A document cannot be parsed as its apparent kind, or none of it is plausible; the message says why. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
