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

/** Results for recent texts, because most measurements repeat the configuration and environment of others. */
class Recent<Result> {
  readonly #byText = new Map<string, Result>();

  /** The result for a text, which must depend on nothing else. */
  get(text: string, make: () => Result): Result {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const result = make();
    if (this.#byText.size >= mostKept) this.#byText.clear();
    this.#byText.set(text, result);
    return result;
  }
}

const mostKept = 20_000;
const configurations = new Recent<NewConfiguration>();
const keys = new Recent<string>();

/** The configuration of a row. */
export function configurationOf(row: RowIdentity): NewConfiguration {
  return configurations.get(JSON.stringify(configurationValues(row)), () => {
    const { columns, key } = configurationOfRow(row);
    const gpus = row.is_multinode
      ? (row.num_prefill_gpu ?? 0) + (row.num_decode_gpu ?? 0)
      : gpusOfNodeRow(row);
    return { key: shortKey(key), ...columns, gpus };
  });
}

/** A hash of a list of values, 16 hexadecimal digits. */
export function shortKey(values: readonly ColumnValue[]): string {
  const text = JSON.stringify(values);
  return keys.get(text, () => hash('sha256', text).slice(0, 16));
}
