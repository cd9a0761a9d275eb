import { InvalidArgumentError, Option } from 'commander';
import { InputError } from '../errors.ts';

/** A decimal number: no hexadecimal, blanks, or names such as Infinity. */
const decimalForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Parses a decimal number; undefined if the text is not one, or if it does not fit a double. */
export function decimal(text: string): number | undefined {
  const value = decimalForm.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Parses a whole number; undefined for text other than digits, and for numbers that a double cannot represent exactly.
 */
export function digits(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Creates an option parser: `read` converts the text to a number, `problem` is the error message if the number is not
 * good.
 */
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

/** Creates a parser for whole numbers from 1 to `most`. */
export function positiveIntegerUpTo(most: number): (text: string) => number {
  return checked(
    digits,
    (value) => value > 0 && value <= most,
    `expected a whole number above 0, up to ${most}`,
  );
}

/** Creates a parser for whole numbers from 0 to `most`. */
export function wholeNumberUpTo(most: number): (text: string) => number {
  return checked(digits, (value) => value <= most, `expected a whole number from 0 to ${most}`);
}

export const positiveInteger = checked(digits, (value) => value > 0, 'expected a whole number above 0');

export const wholeNumber = checked(digits, () => true, 'expected a whole number, 0 or more');

export const positiveNumber = checked(decimal, (value) => value > 0, 'expected a number above 0');

export const nonNegative = checked(decimal, (value) => value >= 0, 'expected a number, 0 or more');

export const anyNumber = checked(decimal, () => true, 'expected a number');

export const fraction = checked(
  decimal,
  (value) => value >= 0 && value <= 1,
  'expected a number from 0 to 1',
);

/** Limit of JavaScript timers: 2³¹ ms. */
const longestWaitS = 2_000_000;

/** Parses a timeout in seconds. */
export const waitS = checked(
  decimal,
  (value) => value > 0 && value <= longestWaitS,
  `expected a number of seconds above 0 and up to ${longestWaitS} (23 days)`,
);

/** Parses a port number. */
export const portNumber = checked(
  digits,
  (value) => value >= 1 && value <= 65_535,
  'a port is a whole number from 1 to 65535',
);

/** Parses a server's URL. Throws InputError because, unlike InvalidArgumentError, it does not print the value. */
export function httpAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw /^[\w.:-]*$/.test(text)
      ? new InvalidArgumentError('expected a URL with http:// or https://')
      : new InputError('--base-url is not a URL: expected http://… or https://…', undefined, {
          code: 'bad-option',
        });
  const { search, hash } = new URL(text);
  if (`${search}${hash}` !== '')
    throw new InputError(
      '--base-url has a query or a fragment, which would not be sent; remove it',
      undefined,
      { code: 'bad-option' },
    );
  return text;
}

/** Parses the URL of a page that others link to. */
export function pageAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('expected a URL with http:// or https://');
}

/** The URL where a published folder will be served. It ends in a slash, because file paths are appended to it. */
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
