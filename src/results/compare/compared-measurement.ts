import type { PublishedVerdict } from '../../derived/verdicts.ts';
import { curveFields, pointFields, rowKeyBy } from '../../identity/index.ts';
import type { AggregateRow } from '../aggregate-row.ts';

/** One measurement of one side of a comparison, or a repeat that the noise is measured from. */
export interface ComparedMeasurement {
  /** Unique. */
  readonly id: string;
  readonly row: AggregateRow;
  /** Which tool measured. */
  readonly client: string;
  /** The version of this product that measured; null for other tools, and if it is not known. */
  readonly productVersion: string | null;
  readonly verdict: PublishedVerdict;
  readonly reasons: readonly string[];
  /** 95 % intervals from within the measurement, by the names of the raw result, such as `median_ttft_ms`. */
  readonly confidence95: Readonly<Record<string, readonly [low: number, high: number]>>;
}

/** A figure that is compared. */
export interface ComparedMetric {
  /** The row's field. */
  readonly field: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  /** The name in the raw result, if that has an interval for it. */
  readonly interval?: string;
}

export const comparedMetrics: readonly ComparedMetric[] = [
  { field: 'tput_per_gpu', title: 'throughput per GPU', better: 'higher' },
  { field: 'median_ttft', title: 'TTFT', better: 'lower', interval: 'median_ttft_ms' },
  { field: 'median_tpot', title: 'TPOT', better: 'lower', interval: 'median_tpot_ms' },
  { field: 'median_e2el', title: 'E2EL', better: 'lower', interval: 'median_e2el_ms' },
];

/** Which fields may differ between the two sides, such as `framework` for comparing engines. */
export type Across = readonly string[];

/** Measurements are compared if everything that was requested is equal. */
export function pointKey(row: AggregateRow, across: Across = []): string {
  return rowKeyBy(pointFields, row, across);
}

/** The fields that the points of a curve share; layouts and concurrencies differ. */
export function curveKey(row: AggregateRow, across: Across = []): string {
  return rowKeyBy(curveFields, row, across);
}
