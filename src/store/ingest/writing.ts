import { type Kysely, sql, type Transaction } from 'kysely';
import { InputError, messageOf, WorkError } from '../../errors.ts';
import { dialectOf } from '../dialect.ts';
import type { Schema } from '../schema.ts';
import { hintFor } from './why-not-written.ts';

/** Writers take this lock, because two that write the same rows in different order would deadlock. */
const postgresLock = 4_711_337;

/** Runs `work` in one transaction, as the only writer. Throws WorkError with what could not be done. */
export async function writing<Value>(
  db: Kysely<Schema>,
  failure: string,
  write: (transaction: Transaction<Schema>) => Promise<Value>,
): Promise<Value> {
  try {
    return await db.transaction().execute(async (transaction) => {
      if (dialectOf(transaction) === 'postgres')
        await sql`select pg_advisory_xact_lock(${postgresLock})`.execute(transaction);
      return await write(transaction);
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new WorkError(`${failure}: ${messageOf(error)}`, {
      code: 'store-failed',
      cause: error,
      hint: hintFor(error),
    });
  }
}
