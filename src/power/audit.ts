import type { PowerMetrics } from './metrics.ts';
import { eachOnce, type PowerReason } from './reasons.ts';
import type { BenchmarkWindow } from './window.ts';

/** The fields that all audit files of measured power share (contract F11). */
export interface PowerAudit {
  readonly schema_version: 1;
  readonly power_valid: boolean;
  readonly reasons: readonly PowerReason[];
  readonly telemetry_source: string;
  readonly benchmark_result: string;
  readonly benchmark_window: Readonly<Record<string, number>> | null;
  readonly integration_method: string;
  readonly expected_gpu_count: number;
  readonly observed_gpu_count: number;
  readonly per_gpu_max_sample_gap_s: Readonly<Record<string, number>>;
  readonly metrics: Partial<PowerMetrics>;
}

export const integrationMethod = 'per_device_trapezoidal_with_linear_boundary_interpolation';

/** An audit, and the figures of a row if they can be used. */
export interface JudgedPower<Audit extends PowerAudit = PowerAudit> {
  readonly audit: Audit;
  readonly metrics?: PowerMetrics;
}

/** The same, if the row cannot take the figures. */
export function withoutRow<Audit extends PowerAudit>(audit: Audit, reason: PowerReason): Audit {
  const reasons = eachOnce([...audit.reasons, reason]);
  return { ...audit, power_valid: false, reasons, metrics: {} };
}

/** A window in the form of audits. */
export function publicWindow(window: BenchmarkWindow | undefined): Readonly<Record<string, number>> | null {
  if (window === undefined) return null;
  return {
    start_time_unix: window.startS,
    end_time_unix: window.endS,
    reported_duration_s: window.reportedDurationS,
    integration_duration_s: window.endS - window.startS,
    completed: window.completed,
    total_input_tokens: window.inputTokens,
    total_output_tokens: window.outputTokens,
  };
}
