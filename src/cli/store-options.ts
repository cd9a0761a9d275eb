import { Option } from 'commander';
import { stateDirOption } from './options.ts';

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
