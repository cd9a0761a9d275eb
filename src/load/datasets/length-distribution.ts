import { LoadError } from '../load-error.ts';
import type { Random } from '../random.ts';

/** A distribution of lengths in tokens, as plain data. */
export type LengthDistribution =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** `sigma` is the standard deviation of the natural logarithm. */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number }
  /** Each bucket is a length or a range of lengths, both limits inclusive. */
  | { readonly kind: 'histogram'; readonly buckets: readonly LengthBucket[] }
  | { readonly kind: 'mix'; readonly parts: readonly MixPart[] };

export interface LengthBucket {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

interface MixPart {
  readonly weight: number;
  readonly of: LengthDistribution;
}

/** More than the context of any model. */
const longest = 100_000_000;

/** Draws a length, at least 1. */
export function drawLength(random: Random, distribution: LengthDistribution): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.tokens;
    case 'uniform':
      return random.integer(distribution.low, distribution.high);
    case 'normal':
      return lengthOf(distribution.mean + distribution.std * random.normal());
    case 'lognormal':
      return lengthOf(distribution.median * Math.exp(distribution.sigma * random.normal()));
    case 'histogram': {
      const { low, high } = chosen(random, distribution.buckets);
      return random.integer(low, high);
    }
    case 'mix':
      return drawLength(random, chosen(random, distribution.parts).of);
  }
}

function lengthOf(tokens: number): number {
  return Math.min(longest, Math.max(1, Math.round(tokens)));
}

/** One of the weighted alternatives, of which there is at least one. */
function chosen<T extends { readonly weight: number }>(random: Random, all: readonly T[]): T {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.unit() * total;
  const found = all.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const one = found ?? all.at(-1);
  if (one === undefined) throw new Error('a distribution without alternatives');
  return one;
}

interface Form {
  readonly shown: string;
  /** undefined if the numbers are out of range. */
  read(numbers: readonly number[]): LengthDistribution | undefined;
}

const isLength = (tokens: number | undefined): tokens is number =>
  tokens !== undefined && Number.isInteger(tokens) && tokens >= 1 && tokens <= longest;

/** The distributions by name. A histogram is read from a file. */
const forms: Readonly<Record<string, Form>> = {
  fixed: {
    shown: 'fixed:TOKENS',
    read: ([tokens]) => (isLength(tokens) ? { kind: 'fixed', tokens } : undefined),
  },
  uniform: {
    shown: 'uniform:LOW,HIGH',
    read: ([low, high]) =>
      isLength(low) && isLength(high) && low <= high ? { kind: 'uniform', low, high } : undefined,
  },
  normal: {
    shown: 'normal:MEAN,STD',
    read: ([mean = 0, std = -1]) => (mean >= 1 && std >= 0 ? { kind: 'normal', mean, std } : undefined),
  },
  lognormal: {
    shown: 'lognormal:MEDIAN,SIGMA',
    read: ([median = 0, sigma = -1]) =>
      median >= 1 && sigma >= 0 ? { kind: 'lognormal', median, sigma } : undefined,
  },
};

const shownForms = [...Object.values(forms).map(({ shown }) => shown), 'histogram:FILE'].join(', ');

/**
 * Reads a distribution such as `normal:1024,256`, or a mix such as `0.7*fixed:512+0.3*lognormal:4000,0.8`. Throws
 * LoadError `bad-test`. `option` is named in errors, `histogram` reads a file.
 */
export async function parseLengths(
  text: string,
  option: string,
  histogram: (file: string) => Promise<readonly LengthBucket[]>,
): Promise<LengthDistribution> {
  const parts = await Promise.all(text.split('+').map((part) => parsePart(part, option, histogram)));
  const [only] = parts;
  if (only === undefined) throw new Error('a split text has at least one part');
  if (parts.length === 1 && only.weight === undefined) return only.of;
  return {
    kind: 'mix',
    parts: parts.map(({ weight, of }, index) => {
      if (weight === undefined)
        throw wrong(
          option,
          `the part ${index + 1} of the mix has no share`,
          'write SHARE*DISTRIBUTION, such as 0.3*fixed:512',
        );
      return { weight, of };
    }),
  };
}

async function parsePart(
  part: string,
  option: string,
  histogram: (file: string) => Promise<readonly LengthBucket[]>,
): Promise<{ weight: number | undefined; of: LengthDistribution }> {
  const [, share, name = '', rest = ''] = /^\s*(?:([\d.]+)\*)?([a-z]+):(.+?)\s*$/.exec(part) ?? [];
  const weight = share === undefined ? undefined : Number(share);
  if (weight !== undefined && !(weight > 0)) {
    throw wrong(option, `the share ${share} is not a number above 0`, 'such as 0.3*fixed:512');
  }
  if (name === 'histogram') return { weight, of: { kind: 'histogram', buckets: await histogram(rest) } };
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  const numbers = rest.split(',').map((number) => (number.trim() === '' ? Number.NaN : Number(number)));
  const of = form?.read(numbers.every(Number.isFinite) ? numbers : []);
  if (of !== undefined && form?.shown.split(',').length === numbers.length) return { weight, of };
  throw wrong(
    option,
    `'${part.trim()}' is not a distribution of lengths`,
    `expected ${form?.shown ?? shownForms}`,
  );
}

function wrong(option: string, problem: string, hint: string): LoadError {
  return new LoadError('bad-test', `${option}: ${problem}`, { hint });
}
