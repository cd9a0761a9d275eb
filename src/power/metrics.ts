import { sum } from './energy.ts';
import { rounded } from './round.ts';
import type { BenchmarkWindow } from './window.ts';

/** The power fields of a row: watts, joules, joules per request and per token; all over the energy of all GPUs. */
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

/** The figures of a window of the energy of each GPU, joules. */
export function metricsOf(
  { startS, endS, completed, inputTokens, outputTokens }: BenchmarkWindow,
  energiesJ: readonly number[],
  { total, each }: Decimals,
): PowerMetrics {
  const energyJ = sum(energiesJ);
  const powerW = energyJ / (endS - startS);
  return {
    avg_power_w: rounded(powerW / energiesJ.length, total),
    avg_total_gpu_power_w: rounded(powerW, total),
    total_gpu_energy_j: rounded(energyJ, total),
    joules_per_successful_query: rounded(energyJ / completed, each),
    joules_per_input_token: rounded(energyJ / inputTokens, each),
    joules_per_output_token: rounded(energyJ / outputTokens, each),
    joules_per_total_token: rounded(energyJ / (inputTokens + outputTokens), each),
  };
}
