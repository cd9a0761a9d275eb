import type { AggregateRow } from '../results/index.ts';

const figures = ['mean', 'median', 'std', 'p90', 'p99', 'p999'] as const;
const latencyMetrics = ['ttft', 'tpot', 'intvty', 'itl', 'e2el'] as const;
/** Throughput columns, named like the fields of a row. */
export const throughputColumns = ['tput_per_gpu', 'output_tput_per_gpu', 'input_tput_per_gpu'] as const;

/** Only of measurements with limits, named like the fields of a row. */
const sloColumns = ['goodput_per_gpu', 'slo_attainment'] as const;

/** Only of replayed sessions, named like the fields of a row. */
const sessionColumns = ['median_e2e_norm_intvty', 'p90_e2e_norm_intvty'] as const;

/** Only of measurements whose server drafted tokens, named like the fields of a row. */
const draftColumns = ['draft_acceptance', 'acceptance_length', 'forced_acceptance_length'] as const;

/** Only of measurements with valid measured power, named like the fields of a row. */
const powerColumns = [
  'prefill_avg_power_w',
  'decode_avg_power_w',
  'avg_host_power_w',
  'joules_per_successful_query',
] as const;

/** All columns of some measurements only. */
const specialColumns = [...sloColumns, ...sessionColumns, ...draftColumns, ...powerColumns] as const;

type LatencyColumn = `${(typeof figures)[number]}_${(typeof latencyMetrics)[number]}`;
/** Columns that are null unless a row has their field. */
type OptionalColumn = LatencyColumn | (typeof specialColumns)[number];
export type ThroughputColumn = (typeof throughputColumns)[number];
export type MetricColumn = ThroughputColumn | OptionalColumn;

/** The metrics of an aggregate row (contract §5) that have columns; field `p99.9_…` is column `p999_…`. */
export type MetricColumns = { readonly [column in MetricColumn]: number | null };

/** Latency columns in the order of a row's fields: each TPOT figure is followed by its interactivity. */
const latencyColumns: readonly LatencyColumn[] = latencyMetrics
  .filter((metric) => metric !== 'intvty')
  .flatMap((metric) =>
    figures.flatMap((figure): LatencyColumn[] =>
      metric === 'tpot' ? [`${figure}_tpot`, `${figure}_intvty`] : [`${figure}_${metric}`],
    ),
  );

/** Every metric column in the order of a row's fields. */
export const metricColumns: readonly MetricColumn[] = [
  ...throughputColumns,
  ...latencyColumns,
  ...specialColumns,
];

/** A field of a row and its column. */
export type FieldColumn<Column extends MetricColumn = MetricColumn> = readonly [
  field: string,
  column: Column,
];
const fieldOf = <Column extends MetricColumn>(column: Column): FieldColumn<Column> => [
  column.replace(/^p999_/, 'p99.9_'),
  column,
];

/** All fields of a row with their columns, and those without throughputs. */
export const metricFields: readonly FieldColumn[] = metricColumns.map(fieldOf);
export const optionalFields: readonly FieldColumn<OptionalColumn>[] = [
  ...latencyColumns,
  ...specialColumns,
].map(fieldOf);
/** Those that charts show. */
export const chartedFields = optionalFields.filter(
  ([, column]) =>
    /^(median|p90|p99)_/.test(column) ||
    [...sloColumns, ...powerColumns, 'acceptance_length'].some((charted) => charted === column),
);

const noMetrics = Object.fromEntries(metricColumns.map((column) => [column, null])) as Record<
  MetricColumn,
  number | null
>;

/** The metrics of a row by column; null if the row lacks them or there is no row. */
export function metricsOf(row: AggregateRow | undefined): MetricColumns {
  const metrics = { ...noMetrics };
  for (const [field, column] of metricFields) {
    const value = row?.[field];
    if (typeof value === 'number') metrics[column] = value;
  }
  return metrics;
}
