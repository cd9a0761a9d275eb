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

export type { Probe } from './source.ts';
export type { MetricNames } from './sources/engine-metrics.ts';
export type { PowerSummary, Telemetry } from './summary.ts';

/** Every source of a node; those that are not there say so. */
function sourcesOf(metrics: MetricNames | undefined): TelemetrySource[] {
  const node = [nvidiaSmi, amdSmi, rocmSmi, rapl, proc()];
  return metrics === undefined ? node : [...node, engineMetrics(metrics)];
}

/** A measurement with what is needed to lay telemetry over it. */
export interface Measured {
  /** Start of the measured window, seconds since the epoch. */
  readonly started_at: number;
  /** Seconds. */
  readonly duration: number;
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
}

/**
 * Measures with telemetry: samples while `measure` runs and returns its result with the summary of exactly the window
 * that it measured. What cannot be read is said in the summary, and never fails the measurement.
 */
export async function withTelemetry<Result extends Measured>(
  measure: () => Promise<Result>,
  { metrics, probe = localProbe }: { readonly metrics?: MetricNames; readonly probe?: Probe } = {},
): Promise<Result & { readonly telemetry: Telemetry }> {
  const recorder = startRecorder(sourcesOf(metrics), probe);
  let result: Result;
  try {
    result = await measure();
  } finally {
    recorder.stop().catch(() => undefined);
  }
  const startMs = 1000 * result.started_at;
  const telemetry = summarise(
    await recorder.stop(),
    { startMs, endMs: startMs + 1000 * result.duration },
    {
      output: result.total_output_tokens,
      total: result.total_input_tokens + result.total_output_tokens,
    },
  );
  return { ...result, telemetry };
}
