import { Option } from 'commander';
import { stateDirOption } from './options.ts';

/** The options that select a store. */
export const storeOptions = () => [
  new Option(
    '--store <file or URL>',
    'a SQLite file, or postgres://… for a shared store (default: store.sqlite in the state folder)',
  ).env('INFERENCEMAX_STORE'),
  stateDirOption(),
];

export interface StoreOptionValues {
  readonly store?: string;
  readonly stateDir: string;
}
