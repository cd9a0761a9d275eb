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

/** The columns from which an aggregate row is built. */
export type RowColumns = IdentityColumns & MetricColumns & Pick<MeasurementTable, 'more'>;

const moreSchema = z.record(z.string(), rowValueSchema.nullable());

/** Rebuilds the ingested aggregate row from its columns, with its fields in the contract's order (§5). */
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

/** The measured ones among the given latencies. */
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

/** The fields without a column. */
export function moreFields(json: string | null): z.infer<typeof moreSchema> {
  return json === null ? {} : moreSchema.parse(JSON.parse(json));
}

const metricNames = new Set(metricFields.map(([field]) => field));

/** The values of a row that no column holds exactly, as JSON; null if there are none. */
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
  // A null latency is a field that the row has without a value; a null column means that the row lacks the
  // field.
  if (metricNames.has(field)) return typeof value === 'number' || (value === null && isThroughput(field));
  const identity = rowFieldNamed(field);
  return identity !== undefined && isInColumns(identity, value, configuration);
}
