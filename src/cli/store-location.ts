import { StateFolder } from '../app/state-folder.ts';
import { storeName } from '../app/store.ts';
import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { isPostgresUrl } from '../store/index.ts';
import type { StoreOptionValues } from './store-options.ts';

/**
 * Where the store is. A workflow hands on a secret that is not set as an empty text.
 * Throws InputError for a URL that leads to no store: as a file it would be a new and empty one.
 */
export function storeLocation({ store, stateDir }: StoreOptionValues): string {
  if (store === undefined || store === '') return new StateFolder(stateDir).store;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(store)?.[1];
  if (scheme === undefined) return store;
  if (!isPostgresUrl(store)) {
    throw new InputError(
      `'${scheme}://' is not a store URL`,
      closest(scheme, ['postgres', 'postgresql']) === undefined
        ? 'a store is the path of a SQLite file, or postgres://…'
        : 'did you mean postgres://?',
    );
  }
  if (!URL.canParse(store)) {
    throw new InputError(
      `the store ${storeName(store)} is not a valid URL`,
      'in a name or password, write a / as %2F, a @ as %40, a : as %3A and a % as %25',
    );
  }
  return store;
}
