import { InvalidArgumentError } from 'commander';
import { InputError } from '../../errors.ts';
import {
  errorBoundForm,
  errorBoundIn,
  precisionForm,
  precisionIn,
  problemOfServerUrl,
  readSlo,
  repeatedSlo,
  type Slo,
  type Slos,
  sloText,
} from '../../load/index.ts';
import { decimal, digits, positiveInteger } from '../options.ts';

/** Parses a share above 0. */
export function shareAboveNone(text: string): number {
  const share = decimal(text);
  if (share === undefined || !(share > 0 && share <= 1))
    throw new InvalidArgumentError('expected a number above 0, up to 1');
  return share;
}

/** A range that includes both ends. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Parses the server's URL. Throws InputError because, unlike InvalidArgumentError, it does not print the value, which
 * may contain a password.
 */
export function serverAddress(text: string): string {
  const problem = problemOfServerUrl(text);
  if (problem !== undefined) throw new InputError(`--base-url ${problem}`, undefined, { code: 'bad-option' });
  return text;
}

/** A comma before the next URL; a password may have commas, too. */
const betweenUrls = /,(?=\s*[a-z][a-z+]*:)/i;

/** Parses one or more URLs, separated by commas. */
export function serverAddresses(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(betweenUrls).map((url) => serverAddress(url.trim()))];
}

/** Parses one more metrics URL. Throws InputError for the same reason. */
export function metricsAddress(text: string, before: readonly string[] = []): readonly string[] {
  const problem = problemOfServerUrl(text);
  if (problem !== undefined)
    throw new InputError(`--metrics-url ${problem}`, undefined, { code: 'bad-option' });
  return [...before, text];
}

/** Parses a name or an address into its form in a URL; an IPv6 address may have brackets or not. */
export function host(text: string): string {
  const bare = text.replace(/^\[(.*:.*)\]$/, '$1');
  const inUrl = bare.includes(':') ? `[${bare}]` : bare;
  const url = `http://${inUrl}:1/`;
  if (!/^[^\s/?#@\\]+$/.test(inUrl) || !URL.canParse(url) || new URL(url).port !== '1') {
    throw new InvalidArgumentError(
      'expected only a host name or address; put the port in --port, or a whole URL in --base-url',
    );
  }
  return inUrl;
}

/** Parses one more header. Throws InputError, which does not print the value: it may be a key. */
export function header(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    const [, curls] = /^([\w-]+):/.exec(text) ?? [];
    throw new InputError(
      `--header: expected name=value${curls === undefined ? ', such as X-Team=a' : `: ${curls}=…, not ${curls}: …`}`,
      undefined,
      { code: 'bad-option' },
    );
  }
  if (Object.keys(before).some((known) => known.toLowerCase() === name.toLowerCase())) {
    throw new InputError(
      `--header ${name} is given twice, but can be sent only once`,
      'if the header allows a list, give all values at once, separated by commas',
      { code: 'bad-option' },
    );
  }
  return { ...before, [name]: value };
}

/** Parses a list such as `1,2,4`. If the option is given twice, the last one wins, as everywhere. */
export function concurrencies(text: string): readonly number[] {
  return text.split(',').map((one) => positiveInteger(one));
}

export function metrics(text: string): readonly string[] {
  const names = text.split(',');
  if (!names.every((name) => ['ttft', 'tpot', 'itl', 'e2el'].includes(name)))
    throw new InvalidArgumentError('expected a list of ttft, tpot, itl, e2el');
  return [...new Set(names)];
}

export function percents(text: string): readonly number[] {
  const values = text.split(',').map((part) => {
    const value = decimal(part);
    if (value === undefined || !(value > 0 && value <= 100))
      throw new InvalidArgumentError('expected a list of numbers above 0 and up to 100');
    return value;
  });
  return [...new Set(values)];
}

const objectives = ['ttft', 'tpot', 'e2el'];

export function goodput(text: string, before: Slos = {}): Slos {
  const [metric = '', ...rest] = text.split(':');
  if (!objectives.includes(metric) || rest.length === 0)
    throw new InvalidArgumentError('expected ttft:MS, tpot:MS or e2el:MS');
  const limitMs = decimal(rest.join(':'));
  if (limitMs === undefined || limitMs <= 0)
    throw new InvalidArgumentError(`${metric}: expected milliseconds, a number above 0`);
  if (Object.hasOwn(before, metric)) throw new InvalidArgumentError(`${metric} has two SLOs`);
  return { ...before, [metric]: limitMs };
}

export function precision(text: string) {
  const read = precisionIn(text);
  if (read === undefined) throw new InvalidArgumentError(`expected ${precisionForm}`);
  return read;
}

export function errorBound(text: string) {
  const read = errorBoundIn(text);
  if (read === undefined) throw new InvalidArgumentError(`expected ${errorBoundForm}`);
  return read;
}

/** Parses one more SLO; the error names the column. */
export function slo(text: string, before: readonly Slo[] = []): readonly Slo[] {
  const one = readSlo(text);
  if ('message' in one) throw new InvalidArgumentError(`column ${one.column}: ${one.message}`);
  const slos = [...before, one];
  const twice = repeatedSlo(slos);
  if (twice !== undefined)
    throw new InvalidArgumentError(
      `${sloText(twice)}: p${twice.percentile} of ${twice.metric} has two limits`,
    );
  return slos;
}

/** Parses the loads that a search may try, such as 1-256. */
export function loadRange(text: string): Range {
  const ends = text.split('-').map(decimal);
  const [low, high] = ends;
  if (low === undefined || high === undefined || ends.length > 2 || !(low > 0 && low <= high))
    throw new InvalidArgumentError('expected low-high, two numbers above 0, e.g. 1-256');
  return { low, high };
}

/** Parses a share that is neither 0 nor 1. */
export function innerShare(text: string): number {
  const value = decimal(text);
  if (value === undefined || !(value > 0 && value < 1))
    throw new InvalidArgumentError('expected a number above 0 and below 1, e.g. 0.05');
  return value;
}

export function numberOrRange(text: string): Range {
  const ends = text.split('-').map(digits);
  const [low, high] = ends.length === 1 ? [ends[0], ends[0]] : ends;
  if (low === undefined || high === undefined || ends.length > 2 || !(low >= 1 && low <= high))
    throw new InvalidArgumentError('expected a number or low-high, e.g. 2-6');
  return { low, high };
}

/** Engines store ids in 32 bits. */
const highestTokenId = 2 ** 31 - 1;

export function idRange(text: string): Range {
  const [low, high, ...more] = text.split('-').map(digits);
  if (low === undefined || high === undefined || more.length > 0 || low > high || high > highestTokenId)
    throw new InvalidArgumentError('expected low-high, e.g. 1000-29999');
  return { low, high };
}

/** Random number generators take seeds of 32 bits. */
export function seedNumber(text: string): number {
  const value = digits(text);
  if (value === undefined || value >= 2 ** 32)
    throw new InvalidArgumentError('expected a whole number below 2^32');
  return value;
}

export function shard(text: string): { readonly number: number; readonly of: number } {
  const [number, of, ...more] = text.split('/').map(digits);
  if (number === undefined || of === undefined || more.length > 0 || !(number >= 1 && number <= of))
    throw new InvalidArgumentError('expected i/n with i from 1 to n');
  return { number, of };
}

export function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('expected a JSON object, e.g. {"top_n_tokens": 5}');
  if (hasEndlessNumber(value)) throw new InvalidArgumentError('a number in it is too large to send');
  return { ...value };
}

/** JSON has no infinity: it would be sent as null. */
function hasEndlessNumber(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasEndlessNumber);
}

export function metadata(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected key=value');
  return { ...before, [key]: value };
}

/** Names with their relative shares. */
export interface NamesWithShares {
  readonly names: readonly string[];
  /** 1 for a name without a share. */
  readonly shares: readonly number[];
}

/** Parses one more name, with its share or without. */
export function namesWithShares(
  text: string,
  before: NamesWithShares = { names: [], shares: [] },
): NamesWithShares {
  const [, name = '', share = '1'] = /^(.*?)(?:=([^=]*))?$/s.exec(text) ?? [];
  if (name.trim() === '') throw new InvalidArgumentError('expected a name, or name=share');
  const value = decimal(share);
  if (value === undefined || !(value >= 0))
    throw new InvalidArgumentError(`${name}: expected a share of 0 or more, such as ${name}=3`);
  return { names: [...before.names, name], shares: [...before.shares, value] };
}

export function listOfNames(text: string, before: readonly string[] = []): readonly string[] {
  if (text.trim() === '') throw new InvalidArgumentError('expected a name');
  return [...before, text];
}
