import { rounded } from '../rounded.ts';
import { sum } from './energy.ts';
import type { BenchmarkWindow } from './window.ts';

/** The power fields of a row: watts, joules, joules per request and per token, over all GPUs. */
export interface PowerMetrics {
  readonly avg_power_w: number;
  readonly avg_total_gpu_power_w: number;
  readonly total_gpu_energy_j: number;
  readonly joules_per_successful_query: number;
  readonly joules_per_input_token: number;
  readonly joules_per_output_token: number;
  readonly joules_per_total_token: number;
}

/** Decimals of watts and joules, and of joules per request or token (contract F11). */
export interface Decimals {
  readonly total: number;
  readonly each: number;
}
export const auditDecimals: Decimals = { total: 6, each: 6 };
export const rowDecimals: Decimals = { total: 3, each: 6 };

/** The power figures of a benchmark's window, from the energy of each GPU in joules. */
export function metricsOf(
  { startS, endS, completed, inputTokens, outputTokens }: BenchmarkWindow,
  energiesJ: readonly number[],
): PowerMetrics {
  const energyJ = sum(energiesJ);
  const powerW = energyJ / (endS - startS);
  return {
    avg_power_w: powerW / energiesJ.length,
    avg_total_gpu_power_w: powerW,
    total_gpu_energy_j: energyJ,
    joules_per_successful_query: energyJ / completed,
    joules_per_input_token: energyJ / inputTokens,
    joules_per_output_token: energyJ / outputTokens,
    joules_per_total_token: energyJ / (inputTokens + outputTokens),
  };
}

/** The same figures, rounded: `total` decimals for fields that end in `_w` or `_j`, `each` for the others. */
export function roundedMetrics<Metrics extends PowerMetrics>(
  metrics: Metrics,
  { total, each }: Decimals,
): Metrics {
  const entries = Object.entries(metrics).map(([field, value]) => [
    field,
    rounded(Number(value), /_[wj]$/.test(field) ? total : each),
  ]);
  return { ...metrics, ...Object.fromEntries(entries) };
}

/** The names of the figures that are too large for a number, in order. */
export function namesNotFinite(metrics: PowerMetrics): string[] {
  return Object.entries(metrics)
    .flatMap(([field, value]) => (Number.isFinite(value) ? [] : [field]))
    .toSorted();
}
