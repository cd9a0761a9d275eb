import { LoadError, type LoadErrorClass } from '../../load-error.ts';

/** A position in a data set file; lines and columns count from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The error for an unusable data set file, as `file:line:column: message`. */
export function wrongFile(
  { file, line, column }: FilePlace,
  message: string,
  hint?: string,
  errorClass: LoadErrorClass = 'bad-test',
): LoadError {
  const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined);
  return new LoadError(errorClass, `${place.join(':')}: ${message}`, hint === undefined ? {} : { hint });
}

const shownCharacters = 40;
const shownFields = 6;

/** Describes a JSON value for an error message. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    const cut = value.length > shownCharacters;
    return `the string ${JSON.stringify(cut ? `${value.slice(0, shownCharacters)}…` : value)}`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of length ${value.length}`;
  if (typeof value === 'object') {
    const names = Object.keys(value);
    if (names.length === 0) return 'an empty object';
    const shown = names.slice(0, shownFields).join(', ');
    return `an object with the field${names.length === 1 ? '' : 's'} ${shown}${names.length > shownFields ? ', …' : ''}`;
  }
  return typeof value === 'number' || typeof value === 'bigint' ? `the number ${value}` : String(value);
}

/** Formats a count with its noun: `1,200 rows`, `1 row`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
