import { InvalidArgumentError, Option } from 'commander';
import { InputError } from '../errors.ts';

/** A decimal number as people write it: not hexadecimal, no blanks, no names such as Infinity. */
const decimalForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is; undefined for what is no decimal number, or more than a double can hold. */
export function decimal(text: string): number | undefined {
  const value = decimalForm.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The whole number that a text of digits is; undefined for any other text, and for more than can be counted exactly. */
export function digits(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Makes a parser for an option: `read` turns its text into a number, `problem` is the message if that is not good. */
function checked(
  read: (text: string) => number | undefined,
  isGood: (value: number) => boolean,
  problem: string,
): (text: string) => number {
  return (text) => {
    const value = read(text);
    if (value === undefined || !isGood(value)) throw new InvalidArgumentError(problem);
    return value;
  };
}

/** Makes a parser of whole numbers above 0 that are no more than `most`. */
export function positiveIntegerUpTo(most: number): (text: string) => number {
  return checked(
    digits,
    (value) => value > 0 && value <= most,
    `expected a whole number above 0, up to ${most}`,
  );
}

/** Makes a parser of whole numbers, 0 included, that are no more than `most`. */
export function wholeNumberUpTo(most: number): (text: string) => number {
  return checked(digits, (value) => value <= most, `expected a whole number from 0 to ${most}`);
}

/** Parses a whole number above 0 for an option. */
export const positiveInteger = checked(digits, (value) => value > 0, 'expected a whole number above 0');

/** Parses 0 or a whole number above for an option. */
export const wholeNumber = checked(digits, () => true, 'expected 0 or a whole number above');

/** Parses a number above 0 for an option. */
export const positiveNumber = checked(decimal, (value) => value > 0, 'expected a number above 0');

/** Parses 0 or a number above for an option. */
export const nonNegative = checked(decimal, (value) => value >= 0, 'expected 0 or a number above');

/** Parses any number for an option. */
export const anyNumber = checked(decimal, () => true, 'expected a number');

/** Parses a share for an option. */
export const fraction = checked(
  decimal,
  (value) => value >= 0 && value <= 1,
  'expected a number from 0 to 1',
);

/** Timers take no more than 2³¹ ms. */
const longestWaitS = 2_000_000;

/** Parses how long something is waited for, in seconds. */
export const waitS = checked(
  decimal,
  (value) => value > 0 && value <= longestWaitS,
  `expected a number of seconds above 0 and up to ${longestWaitS} (23 days)`,
);

/** Parses the port of a server that is there or will be started. */
export const portNumber = checked(
  digits,
  (value) => value >= 1 && value <= 65_535,
  'a port is a whole number from 1 to 65535',
);

/** Parses a server's address for an option. InputError, unlike InvalidArgumentError, does not show what was given. */
export function httpAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw /^[\w.:-]*$/.test(text)
      ? new InvalidArgumentError('expected a URL with http:// or https://')
      : new InputError('--base-url is not a URL: expected http://… or https://…');
  const { search, hash } = new URL(text);
  if (`${search}${hash}` !== '')
    throw new InputError('--base-url has a query or a fragment, which would not be sent; remove it');
  return text;
}

/** The address of a page, which others make a link of. */
export function pageAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('expected a URL with http:// or https://');
}

/** Where a published folder will be served; the paths of its files follow, so that it ends in a slash. */
export const siteUrlOption = () =>
  new Option(
    '--site-url <url>',
    'URL where the folder will be served, for the preview image of shared links',
  ).argParser(siteAddress);

function siteAddress(text: string): URL {
  const url = new URL(pageAddress(text));
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new InvalidArgumentError('expected a URL without a user name, a query or a fragment');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

export const stateDirOption = () =>
  new Option(
    '--state-dir <folder>',
    'state folder for runs, the store and records of started engines',
  ).default('.inferencemax');

export const jsonOption = () => new Option('--json', 'print JSON');
