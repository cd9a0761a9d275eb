import { z } from 'zod';
import { isInColumns, type RowIdentity, rowFields, rowValueSchema } from '../identity/index.ts';
import type { AggregateRow } from '../results/index.ts';
import type { NewConfiguration } from './configuration.ts';
import {
  type FieldColumn,
  type MetricColumn,
  type MetricColumns,
  metricFields,
  type ThroughputColumn,
  throughputColumns,
} from './metric-columns.ts';
import type { MeasurementTable } from './schema.ts';

const moreSchema = z.record(z.string(), rowValueSchema.nullable());

/** The columns of a measurement from which its aggregate row is built, besides those of its identity. */
export type RowColumns<Latency extends MetricColumn> = Pick<MetricColumns, ThroughputColumn | Latency> &
  Pick<MeasurementTable, 'more'>;

/**
 * Rebuilds the ingested aggregate row of a measurement at a concurrency, with its fields in the contract's order (§5) and
 * the given latencies.
 */
export function rowOf<Latency extends MetricColumn>(
  identity: RowIdentity,
  conc: number,
  columns: RowColumns<Latency>,
  latencies: readonly FieldColumn<Latency>[],
): AggregateRow {
  const measured: Record<string, number> = {};
  for (const [field, column] of latencies) {
    const value = columns[column];
    if (value !== null) measured[field] = value;
  }
  return {
    ...identity,
    conc,
    tput_per_gpu: columns.tput_per_gpu,
    output_tput_per_gpu: columns.output_tput_per_gpu,
    input_tput_per_gpu: columns.input_tput_per_gpu,
    ...measured,
    ...moreFields(columns.more),
  };
}

/** The fields without a column. */
function moreFields(json: string | null): z.infer<typeof moreSchema> {
  return json === null ? {} : moreSchema.parse(JSON.parse(json));
}

/** Whether the columns of a measurement and its configuration restore the value of a field. */
type KeptInColumns = (value: unknown, configuration: NewConfiguration) => boolean;

const isThroughput = new Set<string>(throughputColumns);

/** The fields that have columns. */
const keptInColumns = new Map<string, KeptInColumns>([
  ...rowFields.map((field): [string, KeptInColumns] => [
    field.row,
    (value, configuration) => isInColumns(field, value, configuration),
  ]),
  // A null latency is a field that the row has without a value; a null column means that the row lacks the field.
  ...metricFields.map(([field, column]): [string, KeptInColumns] => [
    field,
    isThroughput.has(column)
      ? (value) => typeof value === 'number' || value === null
      : (value) => typeof value === 'number',
  ]),
]);

/** The values of a row that no column holds exactly, as JSON; null if there are none. */
export function moreOf(row: AggregateRow, configuration: NewConfiguration): string | null {
  let more: Record<string, unknown> | undefined;
  for (const field in row) {
    const value = row[field];
    if (keptInColumns.get(field)?.(value, configuration) === true) continue;
    more ??= {};
    more[field] = value;
  }
  return more === undefined ? null : JSON.stringify(more);
}
