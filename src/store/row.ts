import type { Insertable } from 'kysely';
import { z } from 'zod';
import { rowValueSchema } from '../identity/index.ts';
import { type AggregateRow, type LayoutField, layoutFields } from '../results/index.ts';
import { isLayoutField } from './configuration.ts';
import {
  type FieldColumn,
  latencyFields,
  type MetricColumn,
  type MetricColumns,
  metricFields,
  type ThroughputColumn,
} from './metric-columns.ts';
import type { ConfigurationTable, EnvironmentTable, MeasurementTable } from './schema.ts';

/** The columns that an aggregate row is put together from. */
export type RowColumns = Omit<ConfigurationTable, 'id' | 'key'> &
  Pick<EnvironmentTable, 'model' | 'image'> &
  MetricColumns &
  Pick<MeasurementTable, 'more' | 'conc'>;

const moreSchema = z.record(z.string(), rowValueSchema);

/** The aggregate row that was ingested, put together from its columns, with its fields in the contract's order (§5). */
export function rowOf(columns: RowColumns): AggregateRow {
  return {
    ...identityOf(columns),
    ...layoutOf(columns),
    ...throughputsOf(columns),
    ...latenciesOf(columns, latencyFields),
    ...moreFields(columns.more),
  };
}

export function layoutOf(columns: Pick<RowColumns, LayoutField>): Record<string, string | number> {
  const layout: Record<string, string | number> = {};
  for (const field of layoutFields) {
    const value = columns[field];
    if (value !== null) layout[field] = value;
  }
  return layout;
}

export function throughputsOf(columns: Pick<MetricColumns, ThroughputColumn>) {
  return {
    tput_per_gpu: columns.tput_per_gpu ?? 0,
    output_tput_per_gpu: columns.output_tput_per_gpu ?? 0,
    input_tput_per_gpu: columns.input_tput_per_gpu ?? 0,
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

export function identityOf(columns: Omit<RowColumns, LayoutField | MetricColumn | 'more' | 'gpus'>) {
  return {
    hw: columns.hw,
    conc: columns.conc ?? 0,
    image: columns.image,
    model: columns.model,
    infmax_model_prefix: columns.model_prefix,
    framework: columns.framework,
    precision: columns.precision,
    spec_decoding: columns.spec_decoding,
    disagg: columns.disagg === 1,
    isl: columns.isl,
    osl: columns.osl,
    is_multinode: columns.is_multinode === 1,
  };
}

const identityFields = new Set([
  ...['hw', 'conc', 'image', 'model', 'infmax_model_prefix', 'framework', 'precision', 'spec_decoding'],
  ...['disagg', 'isl', 'osl', 'is_multinode'],
]);
const metricNames = new Set(metricFields.map(([field]) => field));

/** What of a row has no column, or not with the value it was given: JSON, or null for nothing. */
export function moreOf(row: AggregateRow, configuration: Insertable<ConfigurationTable>): string | null {
  let more: Record<string, unknown> | undefined;
  for (const field in row) {
    const value = row[field];
    if (isKept(field, value, configuration)) continue;
    more ??= {};
    more[field] = value;
  }
  return more === undefined ? null : JSON.stringify(more);
}

function isKept(field: string, value: unknown, configuration: Insertable<ConfigurationTable>): boolean {
  if (metricNames.has(field)) return typeof value === 'number';
  if (isLayoutField(field)) return configuration[field] === value;
  return identityFields.has(field);
}
