import type { Insertable, Kysely } from 'kysely';
import type { ConfigurationTable, EnvironmentTable, Schema } from '../schema.ts';

interface Tables {
  readonly configurations: ConfigurationTable;
  readonly environments: EnvironmentTable;
}

/** Rows that many measurements share, each written once and remembered for the rest of an ingest. */
export class Dimensions<Table extends Tables[keyof Tables]> {
  readonly #db: Kysely<Schema>;
  readonly #table: keyof Tables;
  readonly #ids = new Map<string, number>();

  constructor(
    db: Kysely<Schema>,
    table: { [name in keyof Tables]: Tables[name] extends Table ? name : never }[keyof Tables],
  ) {
    this.#db = db;
    this.#table = table;
  }

  async idOf(values: Insertable<Table> & { readonly key: string }): Promise<number> {
    const known = this.#ids.get(values.key);
    if (known !== undefined) return known;
    await this.#db
      .insertInto(this.#table)
      .values(values)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    const { id } = await this.#db
      .selectFrom(this.#table)
      .select('id')
      .where('key', '=', values.key)
      .executeTakeFirstOrThrow();
    this.#ids.set(values.key, id);
    return id;
  }
}
