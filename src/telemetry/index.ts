import { localProbe } from './local-probe.ts';
import { startRecorder } from './recorder.ts';
import type { Probe, TelemetrySource } from './source.ts';
import { amdSmi } from './sources/amd-smi.ts';
import { engineMetrics, type MetricNames } from './sources/engine-metrics.ts';
import { nvidiaSmi } from './sources/nvidia-smi.ts';
import { proc } from './sources/proc.ts';
import { rapl } from './sources/rapl.ts';
import { rocmSmi } from './sources/rocm-smi.ts';
import { summarise, type Telemetry } from './summary.ts';

export { amdGpus, amdValue, jsonAfterWarnings } from './amd-json.ts';
export { type EnvironmentRecord, environmentOf, environmentSchema } from './environment.ts';
export { localProbe, probeBeside } from './local-probe.ts';
export type { Probe } from './source.ts';
export type { MetricNames } from './sources/engine-metrics.ts';
export type { PowerSummary, Telemetry } from './summary.ts';

/** What is sampled, and how it is reached. */
export interface TelemetryOptions {
  /** The engine's own figures, where it publishes them. */
  readonly metrics?: MetricNames;
  /** How the engine's node is reached: this machine, unless a launcher says otherwise. */
  readonly probe?: Probe;
  /** Stretches the intervals between readings, for nodes on which each one costs a login or a job step. */
  readonly slowdown?: number;
}

/** A measurement with what is needed to lay telemetry over it. */
export interface Measured {
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
  over(measured: Measured): Promise<Telemetry>;
}

/**
 * Begins to sample everything that can be read of the engine's node and of the engine. What cannot be read is said in
 * the summary, and never an error.
 */
export function watchTelemetry({
  metrics,
  probe = localProbe,
  slowdown = 1,
}: TelemetryOptions = {}): TelemetryWatch {
  const sources: TelemetrySource[] = [nvidiaSmi, amdSmi, rocmSmi, rapl, proc()].map((source) => ({
    ...source,
    intervalS: slowdown * source.intervalS,
  }));
  // The engine is reached as the load generator reaches it.
  if (metrics !== undefined) sources.push(engineMetrics(metrics));
  const recorder = startRecorder(sources, probe);
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
