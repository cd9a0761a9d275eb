import {
  type CompiledQuery,
  type Insertable,
  type InsertQueryBuilder,
  type InsertResult,
  type Kysely,
  sql,
} from 'kysely';
import { dialectOf } from '../dialect.ts';
import type { Schema } from '../schema.ts';

/** Rows per SQLite statement. More would save little, and the limit is 32,766 parameters. */
const rowsAtOnce = 64;
/** Rows per PostgreSQL statement; each statement is a round trip. */
const postgresRowsAtOnce = 1_000;

/** What to do on conflict with an existing row, and what the statement returns. */
export type InsertRule<Table extends keyof Schema, Answer> = (
  insert: InsertQueryBuilder<Schema, Table, InsertResult>,
) => InsertQueryBuilder<Schema, Table, Answer>;

/**
 * Inserts many rows into one table. Building such a wide statement takes longer than running it,
 * so each is built only once: in SQLite for each number of rows, in PostgreSQL with the rows as one JSON
 * text, because parsing thousands of parameters takes longer than inserting them. Every row must have the
 * same columns in the same order.
 */
export class BulkInsert<Table extends keyof Schema, Answer = InsertResult> {
  readonly #db: Kysely<Schema>;
  readonly #table: Table;
  readonly #rule: InsertRule<Table, Answer>;
  readonly #isPostgres: boolean;
  readonly #statements = new Map<number, CompiledQuery<Answer>>();

  constructor(db: Kysely<Schema>, table: Table, rule: InsertRule<Table, Answer>) {
    this.#db = db;
    this.#table = table;
    this.#rule = rule;
    this.#isPostgres = dialectOf(db) === 'postgres';
  }

  /** Inserts the rows and returns what the statements return, such as the ids of new rows. */
  async insert(rows: readonly Insertable<Schema[Table]>[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    const most = this.#isPostgres ? postgresRowsAtOnce : rowsAtOnce;
    for (let from = 0; from < rows.length; from += most) {
      const some = rows.slice(from, from + most);
      const parameters = this.#isPostgres ? [jsonOf(some)] : some.flatMap((row) => Object.values(row));
      const result = await this.#db.executeQuery<Answer>({ ...this.#statement(some), parameters });
      answers.push(...result.rows);
    }
    return answers;
  }

  #statement(rows: readonly Insertable<Schema[Table]>[]): CompiledQuery<Answer> {
    const size = this.#isPostgres ? 1 : rows.length;
    const known = this.#statements.get(size);
    if (known !== undefined) return known;
    const insert = this.#db.insertInto(this.#table);
    const statement = this.#rule(
      this.#isPostgres ? this.#fromJson(insert, rows) : insert.values(rows),
    ).compile();
    this.#statements.set(size, statement);
    return statement;
  }

  #fromJson(
    insert: InsertQueryBuilder<Schema, Table, InsertResult>,
    [first]: readonly Insertable<Schema[Table]>[],
  ): InsertQueryBuilder<Schema, Table, InsertResult> {
    const columns = Object.keys(first ?? {}) as (keyof Schema[Table] & string)[];
    const names = sql.join(columns.map((column) => sql.ref(column)));
    return insert
      .columns(columns)
      .expression(sql`select ${names} from json_populate_recordset(null::${sql.table(this.#table)}, ${''})`);
  }
}

/** Rows as JSON for PostgreSQL, with bytes in its hexadecimal format. */
function jsonOf(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => (Object.values(row).some(isBytes) ? withHexadecimal(row) : row)));
}

function withHexadecimal(row: object): object {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    isBytes(value) ? `\\x${Buffer.from(value).toString('hex')}` : value,
  ]);
  return Object.fromEntries(entries);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
