import { inParts } from '../queries/in-parts.ts';

/** How rows of one table are found and added. */
export interface Dimension<Row> {
  readonly find: (
    keys: readonly string[],
  ) => Promise<readonly { readonly id: number; readonly key: string }[]>;
  /** Adds rows unless another process has just added them. */
  readonly add: (rows: readonly Row[]) => Promise<unknown>;
}

/** Rows that many measurements share. Each is written once and remembered for the rest of a transaction. */
export class Dimensions<Row extends { readonly key: string }> {
  readonly #dimension: Dimension<Row>;
  readonly #ids = new Map<string, number>();

  constructor(dimension: Dimension<Row>) {
    this.#dimension = dimension;
  }

  /** Finds rows, and adds those that are new. */
  async store(rows: readonly (Row | undefined)[]): Promise<void> {
    const unknown = new Map<string, Row>();
    for (const row of rows) if (row !== undefined && !this.#ids.has(row.key)) unknown.set(row.key, row);
    await this.#find([...unknown.keys()]);
    const added = [...unknown.values()].filter(({ key }) => !this.#ids.has(key));
    await this.#dimension.add(added);
    await this.#find(added.map(({ key }) => key));
  }

  async #find(keys: readonly string[]): Promise<void> {
    const found = await inParts(keys, this.#dimension.find);
    for (const { id, key } of found) this.#ids.set(key, id);
  }

  /** The id of a stored row; null without a row. */
  idOrNull(row: Row | undefined): number | null {
    if (row === undefined) return null;
    const id = this.#ids.get(row.key);
    if (id === undefined) throw new Error(`${row.key} was written but cannot be found`);
    return id;
  }
}
