/** How rows of one table are found and added. */
export interface Dimension<Row> {
  readonly find: (key: string) => Promise<{ readonly id: number } | undefined>;
  /** Adds a row unless another process has just added it. */
  readonly add: (row: Row) => Promise<unknown>;
}

/** Rows that many measurements share. Each is written once and cached for the rest of a transaction. */
export class Dimensions<Row extends { readonly key: string }> {
  readonly #dimension: Dimension<Row>;
  readonly #ids = new Map<string, number>();

  constructor(dimension: Dimension<Row>) {
    this.#dimension = dimension;
  }

  /** The id of a row, which is added if it is new; null without a row. */
  async idOrNull(row: Row | undefined): Promise<number | null> {
    if (row === undefined) return null;
    const known = this.#ids.get(row.key);
    if (known !== undefined) return known;
    const { find, add } = this.#dimension;
    let found = await find(row.key);
    if (found === undefined) {
      await add(row);
      found = await find(row.key);
    }
    if (found === undefined) throw new Error(`${row.key} was written but cannot be found`);
    this.#ids.set(row.key, found.id);
    return found.id;
  }
}
