import { defined } from '../defined/defined.ts';
import { type Host, thisMachine } from '../hosts/index.ts';
import { startRecorder } from './recorder.ts';
import type { PublishedMetrics } from './server/metric-names.ts';
import { telemetrySources } from './sources/list.ts';
import { summarise, type Telemetry } from './summary.ts';

/** What to sample, and how often. */
export interface TelemetryOptions {
  /** The engine's node. Default: this machine; undefined if it cannot be accessed. */
  readonly host?: Host | undefined;
  /** The engine's own metrics; absent if it publishes none. */
  readonly metrics?: PublishedMetrics;
  /** Factor for the intervals between readings of the node, if each one costs a login or a job step. */
  readonly slowdown?: number;
}

/** The time and token counts of a measurement. */
export interface TimedResult {
  /** Start of the measured window, in seconds since the epoch. */
  readonly started_at: number;
  /** In seconds. */
  readonly duration: number;
  /** null if unknown. */
  readonly total_input_tokens: number | null;
  readonly total_output_tokens: number | null;
}

/** Sampling in progress. */
export interface TelemetryWatch {
  /** Stops the sampling. */
  stop(): void;
  /** Stops the sampling, and summarises exactly the measured window. */
  over(measured: TimedResult): Promise<Telemetry>;
}

/**
 * Starts to sample everything that can be read from the engine and its node. What cannot be read is noted in the
 * summary, and is never an error.
 */
export function watchTelemetry(options: TelemetryOptions = {}): TelemetryWatch {
  const { slowdown = 1, metrics } = options;
  const host = 'host' in options ? options.host : thisMachine;
  const sources = telemetrySources.flatMap(({ open, ...source }) => {
    // The engine is reached in the same way as by the load generator.
    const isEngine = source.subject === 'engine';
    if (host === undefined && !isEngine) return [];
    const intervalS = isEngine ? source.intervalS : slowdown * source.intervalS;
    const read = open({ host: host ?? thisMachine, ...defined({ metrics }) });
    return read === undefined ? [] : [{ ...source, intervalS, read }];
  });
  const recorder = startRecorder(sources);
  return {
    stop: () => void recorder.stop(),
    over: async ({ started_at, duration, total_input_tokens, total_output_tokens }) =>
      summarise(
        await recorder.stop(),
        { startMs: 1000 * started_at, endMs: 1000 * (started_at + duration) },
        {
          output: total_output_tokens,
          total:
            total_input_tokens === null || total_output_tokens === null
              ? null
              : total_input_tokens + total_output_tokens,
        },
      ),
  };
}
