import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { InputError } from '../errors.ts';
import { isPostgresUrl, openStore, type Store, withoutPassword } from '../store/index.ts';
import { stateDirOption } from './options.ts';
import { StateFolder } from './state-folder.ts';

/** Which store a command works on. */
export const storeOptions = () => [
  new Option(
    '--store <file or URL>',
    'a SQLite file, or postgres://… for a shared store (default: store.sqlite in the state folder)',
  ).env('INFERENCEMAX_STORE'),
  stateDirOption(),
];

/** The values of `storeOptions`. */
export interface StoreOptionValues {
  readonly store?: string;
  readonly stateDir: string;
}

/** Where the store is. A workflow hands on a secret that is not set as an empty text. */
export function storeLocation({ store, stateDir }: StoreOptionValues): string {
  return store === undefined || store === '' ? new StateFolder(stateDir).store : store;
}

/** What a store is called in messages: never with its password. */
export function storeName(location: string): string {
  return isPostgresUrl(location) ? withoutPassword(location) : location;
}

/** Whether there is a store at a location; a database server is asked only when it is opened. */
export function hasStore(location: string): boolean {
  return isPostgresUrl(location) || existsSync(location);
}

/** Opens a store that must be there, for a command that reads it; throws InputError where it is not. */
export async function openExistingStore(options: StoreOptionValues): Promise<Store> {
  const location = storeLocation(options);
  if (!hasStore(location)) {
    throw new InputError(
      `there is no store ${location}`,
      'measure something first, such as with `inferencemax quickstart`, or name another with --store',
    );
  }
  return await openStore(location);
}

/** Uses a store and closes it, whatever happens. */
export async function withStore<Value>(store: Store, use: (store: Store) => Promise<Value>): Promise<Value> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
