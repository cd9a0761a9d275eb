import type { PowerMetrics } from './metrics.ts';
import { isRecord } from './window.ts';

/** The version of the public contract that power fields follow (contract F11). */
const schemaVersion = 2;

/** The fields of measured power in a row; without figures it says that power is not valid. */
export function powerFields(metrics: PowerMetrics | undefined): Readonly<Record<string, number>> {
  return {
    power_metric_schema_version: schemaVersion,
    power_valid: metrics === undefined ? 0 : 1,
    ...metrics,
  };
}

/** The row with these figures, which replace earlier ones. Undefined if it is not a row. */
export function rowWithPower(
  row: unknown,
  metrics: PowerMetrics | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(row)) return undefined;
  const others = Object.entries(row).filter(([field]) => !powerField.test(field));
  return { ...Object.fromEntries(others), ...powerFields(metrics) };
}

const powerField =
  /^(power_\w+|avg_power_w|avg_total_gpu_power_w|total_gpu_energy_j|joules_per_\w+|(prefill|decode)_(gpu_energy_j|avg_power_w|joules_per_\w+))$/;
