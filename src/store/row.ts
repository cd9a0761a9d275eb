import type { Insertable } from 'kysely';
import { z } from 'zod';
import { type AggregateRow, layoutFields } from '../results/index.ts';
import { isLayoutField } from './configuration.ts';
import { latencyFields, type MetricColumns, metricFields } from './metric-columns.ts';
import type { ConfigurationTable, EnvironmentTable, MeasurementTable } from './schema.ts';

/** The columns that an aggregate row is put together from. */
export type RowColumns = Omit<ConfigurationTable, 'id' | 'key'> &
  Pick<EnvironmentTable, 'model' | 'image'> &
  MetricColumns &
  Pick<MeasurementTable, 'more' | 'conc'>;

const moreSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The aggregate row that was ingested, put together from its columns, with its fields in the contract's order (§5). */
export function rowOf(columns: RowColumns): AggregateRow {
  const layout: Record<string, string | number> = {};
  for (const field of layoutFields) {
    const value = columns[field];
    if (value !== null) layout[field] = value;
  }
  const latencies: Record<string, number> = {};
  for (const [field, column] of latencyFields) {
    const value = columns[column];
    if (value !== null) latencies[field] = value;
  }
  const more = columns.more === null ? {} : moreSchema.parse(JSON.parse(columns.more));
  return { ...identityOf(columns), ...layout, ...throughputsOf(columns), ...latencies, ...more };
}

function throughputsOf(columns: RowColumns) {
  return {
    tput_per_gpu: columns.tput_per_gpu ?? 0,
    output_tput_per_gpu: columns.output_tput_per_gpu ?? 0,
    input_tput_per_gpu: columns.input_tput_per_gpu ?? 0,
  };
}

function identityOf(columns: RowColumns) {
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
