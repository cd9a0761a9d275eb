import { z } from 'zod';
import { SampleLog } from '../statistics/sample-log.ts';
import { quantileOfSorted } from '../statistics/summary.ts';

/** NaN if there are no samples, which JSON writes as null. */
const quantile = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const quantilesSchema = z.object({ p50: quantile, p99: quantile, max: quantile });

/**
 * What the mock engine did, by its own clock, in milliseconds. TTFT is from the last byte of a request read to just
 * before its first token is written; a gap is between the writes of successive events.
 */
export const mockTruthSchema = z.object({
  requests: z.number(),
  events: z.number(),
  peakInFlight: z.number(),
  promptTokens: z.number(),
  /** Prompt tokens that were in the prefix cache. */
  cachedTokens: z.number(),
  /** Connections that carried a request for tokens. */
  connections: z.number(),
  ttftMs: quantilesSchema,
  tpotMs: quantilesSchema,
  gapMs: quantilesSchema,
});

export type MockTruth = z.infer<typeof mockTruthSchema>;

/** One request with a complete reply, in milliseconds since the epoch. */
export const requestTruthSchema = z.object({
  /** The header X-Correlation-ID. */
  session: z.string(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  outputTokens: z.number(),
  receivedMs: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
});

export type RequestTruth = z.infer<typeof requestTruthSchema>;

/** Records the mock engine's times. */
export class TruthLog {
  readonly #ttftsMs = new SampleLog();
  readonly #tpotsMs = new SampleLog();
  readonly #gapsMs = new SampleLog();
  #inFlight = 0;
  #peak = 0;
  readonly #connections = new Set<object>();
  #promptTokens = 0;
  #cachedTokens = 0;

  began(connection: object): void {
    this.#connections.add(connection);
    this.#peak = Math.max(this.#peak, ++this.#inFlight);
  }

  prompt(tokens: number, cached: number): void {
    this.#promptTokens += tokens;
    this.#cachedTokens += cached;
  }

  firstToken(ttftMs: number): void {
    this.#ttftsMs.push(ttftMs);
  }

  gap(gapMs: number): void {
    this.#gapsMs.push(gapMs);
  }

  /** `tpotMs` is undefined for a reply of one event, or one that was cut off. */
  ended(tpotMs: number | undefined): void {
    this.#inFlight--;
    if (tpotMs !== undefined) this.#tpotsMs.push(tpotMs);
  }

  summary(): MockTruth {
    return {
      requests: this.#ttftsMs.length,
      events: this.#ttftsMs.length + this.#gapsMs.length,
      peakInFlight: this.#peak,
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      connections: this.#connections.size,
      ttftMs: quantiles(this.#ttftsMs),
      tpotMs: quantiles(this.#tpotsMs),
      gapMs: quantiles(this.#gapsMs),
    };
  }
}

function quantiles(samples: SampleLog): z.infer<typeof quantilesSchema> {
  const sorted = samples.toArray().sort();
  return {
    p50: quantileOfSorted(sorted, 0.5),
    p99: quantileOfSorted(sorted, 0.99),
    max: quantileOfSorted(sorted, 1),
  };
}
