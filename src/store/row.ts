import { z } from 'zod';
import {
  type IdentityColumns,
  isInColumns,
  rowFieldNamed,
  rowIdentityOf,
  rowValueSchema,
} from '../identity/index.ts';
import type { AggregateRow } from '../results/index.ts';
import type { NewConfiguration } from './configuration.ts';
import {
  type FieldColumn,
  latencyFields,
  type MetricColumn,
  type MetricColumns,
  metricFields,
  type ThroughputColumn,
  throughputColumns,
} from './metric-columns.ts';
import type { MeasurementTable } from './schema.ts';

/** The columns that an aggregate row is put together from. */
export type RowColumns = IdentityColumns & MetricColumns & Pick<MeasurementTable, 'more'>;

const moreSchema = z.record(z.string(), rowValueSchema.nullable());

/** The aggregate row that was ingested, put together from its columns, with its fields in the contract's order (§5). */
export function rowOf(columns: RowColumns): AggregateRow {
  return {
    ...rowIdentityOf(columns),
    ...throughputsOf(columns),
    ...latenciesOf(columns, latencyFields),
    ...moreFields(columns.more),
  };
}

export function throughputsOf(columns: Pick<MetricColumns, ThroughputColumn>) {
  return {
    tput_per_gpu: columns.tput_per_gpu,
    output_tput_per_gpu: columns.output_tput_per_gpu,
    input_tput_per_gpu: columns.input_tput_per_gpu,
  };
}

/** The latencies that were measured, of those named. */
export function latenciesOf<Column extends MetricColumn>(
  columns: Pick<MetricColumns, Column>,
  named: readonly FieldColumn<Column>[],
): Record<string, number> {
  const latencies: Record<string, number> = {};
  for (const [field, column] of named) {
    const value = columns[column];
    if (value !== null) latencies[field] = value;
  }
  return latencies;
}

/** The fields that have no column. */
export function moreFields(json: string | null): z.infer<typeof moreSchema> {
  return json === null ? {} : moreSchema.parse(JSON.parse(json));
}

const metricNames = new Set(metricFields.map(([field]) => field));

/** What of a row has no column, or not with the value it was given: JSON, or null for nothing. */
export function moreOf(row: AggregateRow, configuration: NewConfiguration): string | null {
  let more: Record<string, unknown> | undefined;
  for (const field in row) {
    const value = row[field];
    if (isKept(field, value, configuration)) continue;
    more ??= {};
    more[field] = value;
  }
  return more === undefined ? null : JSON.stringify(more);
}

function isThroughput(field: string): boolean {
  return throughputColumns.some((column) => column === field);
}

function isKept(field: string, value: unknown, configuration: NewConfiguration): boolean {
  // A latency that is null is one that the row names and does not know; in its column it would be one it has not.
  if (metricNames.has(field)) return typeof value === 'number' || (value === null && isThroughput(field));
  const identity = rowFieldNamed(field);
  return identity !== undefined && isInColumns(identity, value, configuration);
}
