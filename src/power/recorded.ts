import { longestGapS } from './energy.ts';
import { metricsOf, namesNotFinite, roundedMetrics, rowDecimals } from './metrics.ts';
import { powerFields } from './row.ts';
import { windowOf } from './window.ts';

/** The energy of a GPU in a benchmark's window as telemetry recorded it, and how well its readings cover the window. */
export interface RecordedGpu {
  readonly energyJ: number;
  readonly coversWindow: boolean;
  readonly longestGapS: number;
}

/**
 * The power fields of a row, from what telemetry recorded during a benchmark on one node; validated like samples in a
 * file (contract F11).
 */
export function recordedPower(
  gpus: readonly RecordedGpu[],
  result: unknown,
  expectedGpus: number,
): Readonly<Record<string, number>> {
  const { window, reasons } = windowOf(result);
  const isCovered = gpus.every((gpu) => gpu.coversWindow && gpu.longestGapS <= longestGapS);
  const isWhole = gpus.length > 0 && gpus.length === expectedGpus && isCovered;
  if (window === undefined || reasons.length > 0 || !isWhole) return powerFields(undefined);
  const metrics = metricsOf(
    window,
    gpus.map(({ energyJ }) => energyJ),
  );
  const addsUp = namesNotFinite(metrics).length === 0;
  return powerFields(addsUp ? roundedMetrics(metrics, rowDecimals) : undefined);
}
