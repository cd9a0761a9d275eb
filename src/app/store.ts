import { existsSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { isPostgresUrl, openStore, type Store, withoutPassword } from '../store/index.ts';

/** The name of a store in messages, without its password. */
export function storeName(location: string): string {
  return withoutPassword(location);
}

/** Whether a store exists at a location. For a database server this is only known when it is opened. */
export function hasStore(location: string): boolean {
  return isPostgresUrl(location) || existsSync(location);
}

/** Opens a store for reading. Throws InputError if it does not exist. */
export async function openExistingStore(location: string): Promise<Store> {
  if (!hasStore(location)) {
    throw new InputError(
      `there is no store ${storeName(location)}`,
      'measure something first, for example with `inferencemax quickstart`, or choose another store with --store',
      { code: 'no-store' },
    );
  }
  return await openStore(location, 'read');
}

/** Uses a store and then closes it, also after an error. */
export async function withStore<Value>(store: Store, use: (store: Store) => Promise<Value>): Promise<Value> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
