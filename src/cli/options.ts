import { InvalidArgumentError, Option } from 'commander';

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

/** Parses the port of a server that is there or will be started. */
export function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 1 to 65535');
  return value;
}

/** Parses a server's address for an option. */
export function httpAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('expected an http:// or https:// address');
  return text;
}

export const stateDirOption = () =>
  new Option('--state-dir <folder>', 'keeps runs, the store and records of started engines').default(
    '.inferencemax',
  );

export const jsonOption = () => new Option('--json', 'print JSON');
