import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { InputError } from '../errors.ts';
import { openStore, type Store } from '../store/index.ts';
import type { StateFolder } from './state-folder.ts';

export const storeOption = () =>
  new Option(
    '--store <file or URL>',
    "the store: an SQLite file or a postgres:// URL (default: the state folder's)",
  ).env('INFERENCEMAX_STORE');

/** Opens the store that a command reads; throws InputError where there is none yet. */
export async function openStoreOf(state: StateFolder, location: string | undefined): Promise<Store> {
  const path = location ?? state.store;
  const isUrl = /^postgres(ql)?:\/\//.test(path);
  if (!isUrl && !existsSync(path)) {
    throw new InputError(
      `there is no store ${path}`,
      'measure something first, such as with `inferencemax quickstart`',
    );
  }
  return await openStore(path);
}
