import type { CompiledQuery, Insertable, InsertQueryBuilder, InsertResult, Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Rows of one statement: more save little, and SQLite takes 32,766 parameters. */
const rowsAtOnce = 64;

/** What becomes of a row that is there already, and what the statement answers with. */
export type InsertRule<Table extends keyof Schema, Answer> = (
  insert: InsertQueryBuilder<Schema, Table, InsertResult>,
) => InsertQueryBuilder<Schema, Table, Answer>;

/**
 * Inserts many rows into one table. A statement of so many columns takes longer to put together than to run, so it is
 * put together once for each number of rows. Every row must have the same columns in the same order.
 */
export class BulkInsert<Table extends keyof Schema, Answer = InsertResult> {
  readonly #db: Kysely<Schema>;
  readonly #table: Table;
  readonly #rule: InsertRule<Table, Answer>;
  readonly #statements = new Map<number, CompiledQuery<Answer>>();

  constructor(db: Kysely<Schema>, table: Table, rule: InsertRule<Table, Answer>) {
    this.#db = db;
    this.#table = table;
    this.#rule = rule;
  }

  /** Inserts the rows and gives what the statements answer, such as the ids of rows that were not there. */
  async insert(rows: readonly Insertable<Schema[Table]>[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce);
      const parameters = some.flatMap((row) => Object.values(row));
      const result = await this.#db.executeQuery<Answer>({ ...this.#statement(some), parameters });
      answers.push(...result.rows);
    }
    return answers;
  }

  #statement(rows: readonly Insertable<Schema[Table]>[]): CompiledQuery<Answer> {
    const known = this.#statements.get(rows.length);
    if (known !== undefined) return known;
    const statement = this.#rule(this.#db.insertInto(this.#table).values(rows)).compile();
    this.#statements.set(rows.length, statement);
    return statement;
  }
}
