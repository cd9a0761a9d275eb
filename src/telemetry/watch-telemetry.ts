import { defined } from '../defined/defined.ts';
import { type Host, thisMachine } from '../hosts/index.ts';
import { startRecorder } from './recorder.ts';
import type { PublishedMetrics } from './server/metric-names.ts';
import { telemetrySources } from './sources/list.ts';
import { summarise, type Telemetry } from './summary.ts';

/** What is sampled, and how often. */
export interface TelemetryOptions {
  /** The engine's node; default: this machine, and undefined for one that cannot be asked. */
  readonly host?: Host | undefined;
  /** The engine's own figures; absent if it publishes none. */
  readonly metrics?: PublishedMetrics;
  /** Stretches the intervals between readings of the node, where each one costs a login or a job step. */
  readonly slowdown?: number;
}

/** A measurement with what is needed to lay telemetry over it. */
export interface TimedResult {
  /** Start of the measured window, seconds since the epoch. */
  readonly started_at: number;
  /** Seconds. */
  readonly duration: number;
  /** null if it is not known. */
  readonly total_input_tokens: number | null;
  readonly total_output_tokens: number | null;
}

/** Sampling that has begun. */
export interface TelemetryWatch {
  /** Ends the sampling. */
  stop(): void;
  /** Ends it, and summarises exactly the window that was measured. */
  over(measured: TimedResult): Promise<Telemetry>;
}

/**
 * Begins to sample everything that can be read of the engine's node and of the engine. What cannot be read is said in
 * the summary, and never an error.
 */
export function watchTelemetry(options: TelemetryOptions = {}): TelemetryWatch {
  const { slowdown = 1, metrics } = options;
  const host = 'host' in options ? options.host : thisMachine;
  const sources = telemetrySources.flatMap(({ open, ...source }) => {
    // The engine is reached as the load generator reaches it.
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
