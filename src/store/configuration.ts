import { hash } from 'node:crypto';
import type { Insertable } from 'kysely';
import { type AggregateRow, type LayoutField, layoutFields } from '../results/index.ts';
import type { ConfigurationTable } from './schema.ts';

/** Fields of a row that are whole numbers of its layout. */
const layoutNumbers = [
  'tp',
  'ep',
  'prefill_tp',
  'prefill_ep',
  'prefill_num_workers',
  'decode_tp',
  'decode_ep',
  'decode_num_workers',
  'num_prefill_gpu',
  'num_decode_gpu',
] as const;
const layoutTexts = ['dp_attention', 'prefill_dp_attention', 'decode_dp_attention'] as const;

export function isLayoutField(field: string): field is LayoutField {
  return layoutFields.some((known) => known === field);
}

/** The fields of a row that say what was asked for, but for the concurrency. */
export type ConfigurationFields = Pick<
  AggregateRow,
  | 'infmax_model_prefix'
  | 'hw'
  | 'framework'
  | 'precision'
  | 'spec_decoding'
  | 'isl'
  | 'osl'
  | 'disagg'
  | 'is_multinode'
> & { readonly [layout in LayoutField]?: AggregateRow[string] };

/** The configuration that a row is a measurement of. */
export function configurationOf(row: ConfigurationFields): Insertable<ConfigurationTable> {
  const number = (field: (typeof layoutNumbers)[number]): number | null => {
    const value = row[field];
    return typeof value === 'number' ? value : null;
  };
  // The public format takes it over as given, so that `True` and `true` are the same layout.
  const text = (field: (typeof layoutTexts)[number]): string | null => {
    const value = row[field];
    return value === undefined ? null : String(value).toLowerCase();
  };
  const identity = {
    model_prefix: row.infmax_model_prefix,
    hw: row.hw,
    framework: row.framework,
    precision: row.precision,
    spec_decoding: row.spec_decoding,
    isl: row.isl,
    osl: row.osl,
    disagg: row.disagg ? 1 : 0,
    is_multinode: row.is_multinode ? 1 : 0,
    tp: number('tp'),
    ep: number('ep'),
    dp_attention: text('dp_attention'),
    prefill_tp: number('prefill_tp'),
    prefill_ep: number('prefill_ep'),
    prefill_dp_attention: text('prefill_dp_attention'),
    prefill_num_workers: number('prefill_num_workers'),
    decode_tp: number('decode_tp'),
    decode_ep: number('decode_ep'),
    decode_dp_attention: text('decode_dp_attention'),
    decode_num_workers: number('decode_num_workers'),
    num_prefill_gpu: number('num_prefill_gpu'),
    num_decode_gpu: number('num_decode_gpu'),
  };
  const gpus = row.is_multinode
    ? (identity.num_prefill_gpu ?? 0) + (identity.num_decode_gpu ?? 0)
    : (identity.tp ?? 1);
  return { key: shortKey(Object.values(identity)), ...identity, gpus };
}

/** Keys that were made lately, as most measurements are of configurations that were just seen. */
const lately = new Map<string, string>();
const mostKept = 20_000;

/** 16 hexadecimal digits that name a list of values. */
export function shortKey(values: readonly (string | number | null)[]): string {
  const text = JSON.stringify(values);
  const known = lately.get(text);
  if (known !== undefined) return known;
  if (lately.size >= mostKept) lately.clear();
  const key = hash('sha256', text).slice(0, 16);
  lately.set(text, key);
  return key;
}
