import type { AggregateRow } from '../aggregate-row.ts';
import { layoutFields } from '../layout-fields.ts';

/** One measurement of one side of a comparison, or a repeat that the noise is measured from. */
export interface MeasuredPoint {
  /** Unique. */
  readonly id: string;
  readonly row: AggregateRow;
  /** Which tool measured. */
  readonly client: string;
  readonly verdict: 'valid' | 'suspect';
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
  /** The raw result's name, where it has an interval of its own. */
  readonly interval?: string;
}

export const comparedMetrics: readonly ComparedMetric[] = [
  { field: 'tput_per_gpu', title: 'throughput per GPU', better: 'higher' },
  { field: 'median_ttft', title: 'TTFT', better: 'lower', interval: 'median_ttft_ms' },
  { field: 'median_tpot', title: 'TPOT', better: 'lower', interval: 'median_tpot_ms' },
  { field: 'median_e2el', title: 'E2EL', better: 'lower', interval: 'median_e2el_ms' },
];

/** Fields that say what was asked for; measurements are compared where all of them are equal. */
export const identityFields = [
  'infmax_model_prefix',
  'hw',
  'framework',
  'precision',
  'spec_decoding',
  'isl',
  'osl',
  'disagg',
  'is_multinode',
  ...layoutFields,
  'conc',
] as const;
export type IdentityField = (typeof identityFields)[number];

/** Those that a curve's points share; its layouts and concurrencies differ. */
const curveFields: readonly IdentityField[] = identityFields.slice(0, 9);

/** Which fields may differ between the two sides, such as `framework` for comparing engines. */
export type Across = readonly string[];

export function pointKey(row: AggregateRow, across: Across = []): string {
  return keyOf(row, identityFields, across);
}

export function curveKey(row: AggregateRow, across: Across = []): string {
  return keyOf(row, curveFields, across);
}

function keyOf(row: AggregateRow, fields: readonly IdentityField[], across: Across): string {
  return JSON.stringify(
    fields.filter((field) => !across.includes(field)).map((field) => String(row[field] ?? '').toLowerCase()),
  );
}

/** A curve by name, such as `dsr1 1024/1024 h200 sglang fp8`. */
export function curveName(row: AggregateRow, across: Across = []): string {
  const shown = (field: IdentityField) => (across.includes(field) ? [] : [String(row[field])]);
  const speculative = row.spec_decoding === 'none' ? [] : shown('spec_decoding');
  return [
    ...[row.infmax_model_prefix, `${row.isl}/${row.osl}`, ...shown('hw'), ...shown('framework')],
    ...[...shown('precision'), ...speculative, ...(row.disagg ? ['disaggregated'] : [])],
  ].join(' ');
}

/** A point of a curve by name, such as `TP8 EP1 conc 16`. */
export function pointName(row: AggregateRow): string {
  const attention = (value: unknown) => (String(value).toLowerCase() === 'true' ? ' DPA' : '');
  const layout = row.is_multinode
    ? `P${row.num_prefill_gpu}+D${row.num_decode_gpu}`
    : `TP${row.tp} EP${row.ep}${attention(row.dp_attention)}`;
  return `${layout} conc ${row.conc}`;
}
