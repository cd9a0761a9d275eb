import { StateFolder } from '../app/state-folder.ts';
import { storeName } from '../app/store.ts';
import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { isPostgresUrl } from '../store/index.ts';
import type { StoreOptionValues } from './store-options.ts';

/**
 * The location of the store. An empty text counts as not given, because workflows pass unset secrets that way. Throws
 * InputError for a URL that is not a store; otherwise it would create a file with that name.
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
      { code: 'bad-store' },
    );
  }
  if (!URL.canParse(store)) {
    throw new InputError(
      `the store ${storeName(store)} is not a valid URL`,
      'in a name or password, write a / as %2F, a @ as %40, a : as %3A and a % as %25',
      { code: 'bad-store' },
    );
  }
  return store;
}
