/** The latencies that tools measure, by the contract's names (§4). */
export const metrics = ['ttft', 'tpot', 'itl', 'e2el'] as const;
export type LatencyMetric = (typeof metrics)[number];

/** The figures of a latency in milliseconds: `mean`, `median`, `std`, `min`, `max`, and percentiles as `p99` or `p99.9`. */
export type Figures = Readonly<Record<string, number>>;

/** What is known of each request, as the contract has it; times in seconds, '' for no error. */
export interface Detail {
  readonly input_lens?: unknown;
  readonly output_lens?: unknown;
  readonly ttfts?: unknown;
  readonly itls?: unknown;
  readonly errors?: unknown;
}

/** Rates that a tool states beside what they follow from, per second; they are written as they are if they do. */
export interface StatedRates {
  readonly requests?: number;
  readonly goodRequests?: number;
  readonly outputTokens?: number;
  readonly inputTokens?: number;
  readonly totalTokens?: number;
}

/** A number that a file states twice, in other words. */
export interface Restatement {
  readonly field: string;
  readonly value: number;
  /** What `value` has to be, by what is claimed, but for rounding. */
  readonly follows: number;
  /** It is of the input alone, so that the rest may be right if it is not. */
  readonly ofInput?: true;
}

/**
 * What a tool says it measured, before anything of it is believed: numbers may be NaN, infinite, negative or of another
 * unit than they should be. null stands for what the tool does not say.
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
  /** Output tokens counted again, from the text that came. */
  readonly retokenizedOutputTokens?: number | null;
  readonly latencies: Readonly<Partial<Record<LatencyMetric, Figures>>>;
  /** What the tool calls its latencies, if not by the contract's names. */
  readonly names?: Readonly<Partial<Record<LatencyMetric, string>>>;
  readonly detail?: Detail;
  /** Further fields, taken over as they are. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** What has to be kept in mind with the figures, in words. */
  readonly reasons?: readonly string[];
  /** The test was ended early. */
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

/** A document cannot be read as what it seems to be, or nothing of it can be believed: why, in words. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
