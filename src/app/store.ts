import { existsSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { isPostgresUrl, openStore, type Store, withoutPassword } from '../store/index.ts';

/** What a store is called in messages: never with its password. */
export function storeName(location: string): string {
  return withoutPassword(location);
}

/** Whether there is a store at a location; a database server is asked only when it is opened. */
export function hasStore(location: string): boolean {
  return isPostgresUrl(location) || existsSync(location);
}

/** Opens a store for reading. Throws InputError if it does not exist. */
export async function openExistingStore(location: string): Promise<Store> {
  if (!hasStore(location)) {
    throw new InputError(
      `there is no store ${storeName(location)}`,
      'measure something first, for example with `inferencemax quickstart`, or choose another store with --store',
    );
  }
  return await openStore(location, 'read');
}

/** Uses a store and closes it, whatever happens. */
export async function withStore<Value>(store: Store, use: (store: Store) => Promise<Value>): Promise<Value> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
