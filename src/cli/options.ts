import { InvalidArgumentError, Option } from 'commander';
import { defaultCacheDir } from '../provision/index.ts';

/** Parses a whole number above 0 for an option. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number above 0');
  return value;
}

/** Parses a number above 0 for an option. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

export const stateDirOption = () =>
  new Option('--state-dir <folder>', 'keeps runs, the store and records of started engines').default(
    '.inferencemax',
  );

export const jsonOption = () => new Option('--json', 'print JSON');

/** How a sweep is run, whatever started it. */
export const sweepOptions = () => [
  stateDirOption(),
  new Option('--cache-dir <folder>', 'keeps engines and weights').default(defaultCacheDir()),
  new Option('--port <port>', "the engine's port (default: the pool's)").argParser(positiveInteger),
  new Option(
    '--ready-timeout <seconds>',
    "how long the engine may take to get ready (default: the engine's)",
  ).argParser(positiveNumber),
  new Option('--point-timeout <seconds>', 'how long one point may take')
    .argParser(positiveNumber)
    .default(3600),
  jsonOption(),
];

/** The values of `sweepOptions`. */
export interface SweepOptionValues {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly port?: number;
  readonly readyTimeout?: number;
  readonly pointTimeout: number;
  readonly json?: boolean;
}
