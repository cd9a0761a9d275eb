import { hash } from 'node:crypto';
import type { Insertable } from 'kysely';
import {
  type ColumnValue,
  configurationOfRow,
  configurationValues,
  gpusOfNodeRow,
  type RowIdentity,
} from '../identity/index.ts';
import type { ConfigurationTable } from './schema.ts';

/** A configuration to write. Measurements of the same configuration share it. */
export type NewConfiguration = Readonly<Insertable<ConfigurationTable>>;

/** Recently used configurations, because most measurements repeat one of these. */
const lately = new Map<string, NewConfiguration>();
const mostKept = 20_000;

/** The configuration of a row. */
export function configurationOf(row: RowIdentity): NewConfiguration {
  const values = JSON.stringify(configurationValues(row));
  const known = lately.get(values);
  if (known !== undefined) return known;
  if (lately.size >= mostKept) lately.clear();
  const { columns, key } = configurationOfRow(row);
  const gpus = row.is_multinode ? (row.num_prefill_gpu ?? 0) + (row.num_decode_gpu ?? 0) : gpusOfNodeRow(row);
  const configuration = { key: shortKey(key), ...columns, gpus };
  lately.set(values, configuration);
  return configuration;
}

/** A hash of a list of values, 16 hexadecimal digits. */
export function shortKey(values: readonly ColumnValue[]): string {
  return hash('sha256', JSON.stringify(values)).slice(0, 16);
}
