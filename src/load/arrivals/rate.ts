import { defined } from '../../defined/defined.ts';
import { LoadError } from '../load-error.ts';
import { Random } from '../random.ts';
import type { ArrivalOption, ArrivalPattern, ReadNumber } from './pattern.ts';
import { meanRate, type Stage, timeOfCount } from './rate-profile.ts';

/** Requests at one or more successive rates, drawn with the seed. */
export interface RateSpec {
  readonly kind: 'rate';
  readonly stages: readonly Stage[];
  /** Shape of the gamma distribution of the gaps: 1 is Poisson, below 1 is burstier, Infinity is evenly spaced. */
  readonly burstiness: number;
}

type Shape = NonNullable<Stage['shape']>;

const positive = (text: string, decimal: ReadNumber): number | undefined => {
  const value = decimal(text);
  return value !== undefined && value > 0 ? value : undefined;
};
const positiveOrInf = (text: string, decimal: ReadNumber): number | undefined =>
  text === 'inf' ? Number.POSITIVE_INFINITY : positive(text, decimal);

const rampOption = (flags: string, help: string): ArrivalOption<number | undefined> => ({
  flags,
  help,
  expected: 'a number above 0',
  initial: undefined,
  read: positive,
});

const requestRate: ArrivalOption<number> = {
  flags: '--request-rate <rate>',
  help: 'requests per second, or inf',
  expected: 'a number above 0, or inf',
  initial: Number.POSITIVE_INFINITY,
  shown: 'inf',
  read: positiveOrInf,
};
const burstiness: ArrivalOption<number> = {
  flags: '--burstiness <shape>',
  help: 'distribution of the gaps: 1 = Poisson, less = burstier, inf = evenly spaced',
  expected: 'a number above 0, or inf',
  initial: 1,
  read: positiveOrInf,
};
const rampUpStrategy: ArrivalOption<Shape | undefined> = {
  flags: '--ramp-up-strategy <name>',
  help: 'shape of the ramp from start rate to end rate',
  expected: 'linear or exponential',
  initial: undefined,
  choices: ['linear', 'exponential'],
  excludes: ['requestRate'],
  read: (text) => (text === 'linear' || text === 'exponential' ? text : undefined),
};
const rateStages: ArrivalOption<readonly Stage[] | undefined> = {
  flags: '--rate-stages <rate:seconds,…>',
  help: 'stages of constant or ramping rates, e.g. 5:30,5-50:60,50:120',
  expected: 'rate:seconds or from-to:seconds, e.g. 5:30,5-50:60',
  initial: undefined,
  excludes: ['requestRate', 'rampUpStrategy'],
  read: readStages,
};

const options = {
  requestRate,
  burstiness,
  rampUpStrategy,
  rampUpStartRps: rampOption('--ramp-up-start-rps <rate>', 'rate at the start of the ramp'),
  rampUpEndRps: rampOption('--ramp-up-end-rps <rate>', 'rate at the end of the ramp'),
  rampUpDuration: rampOption(
    '--ramp-up-duration <seconds>',
    'duration of the ramp in seconds (default: until all prompts are sent)',
  ),
  rateStages,
};

/** Requests at a constant rate, a ramp, or several successive rates. */
export const rate: ArrivalPattern<RateSpec, typeof options> = {
  kind: 'rate',
  options,
  asked(values, { numPrompts, shards }) {
    const stages = values.rateStages ?? rampOf(values, numPrompts);
    if (stages === undefined) return steadyRate(values.requestRate / shards, values.burstiness);
    const part = stages.map((stage) => ({
      ...stage,
      rate: stage.rate / shards,
      ...defined({ fromRate: stage.fromRate === undefined ? undefined : stage.fromRate / shards }),
    }));
    return { kind: 'rate', stages: part, burstiness: values.burstiness };
  },
  problems: ({ stages, burstiness: shape }) => [
    ...(stages.length === 0 ? ['a rate over time needs at least one stage'] : []),
    ...(shape > 0 ? [] : [`burstiness of arrivals must be above 0, not ${shape}`]),
    ...stages.flatMap((stage, index) =>
      problemsOfStage(stage).map((problem) => `stage ${index + 1} of the rate: ${problem}`),
    ),
  ],
  timesMs({ stages, burstiness: shape }, count, seed) {
    const random = new Random(seed ^ 0xa441);
    let expected = 0;
    return Float64Array.from({ length: count }, (_, index) => {
      if (index > 0) expected += unitGap(random, shape);
      return 1000 * timeOfCount(stages, expected);
    });
  },
  recorded({ stages, burstiness: shape }) {
    const [only, ...more] = stages;
    const isSteady = only !== undefined && more.length === 0 && (only.fromRate ?? only.rate) === only.rate;
    return isSteady ? { burstiness: shape, rate: only.rate } : { burstiness: shape, stages };
  },
};

/** Requests at one rate until all are sent; undefined for an infinite rate, which is a closed loop. */
export function steadyRate(requestsPerS: number, shape: number): RateSpec | undefined {
  if (requestsPerS === Number.POSITIVE_INFINITY) return undefined;
  const stages = [{ rate: requestsPerS, durationS: Number.POSITIVE_INFINITY }];
  return { kind: 'rate', stages, burstiness: shape };
}

interface Ramp {
  readonly rampUpStrategy?: Shape;
  readonly rampUpStartRps?: number;
  readonly rampUpEndRps?: number;
  readonly rampUpDuration?: number;
}

/** The default duration covers all prompts, including those of other shards, because the rates are for all shards. */
function rampOf(values: Ramp, numPrompts: number): Stage[] | undefined {
  const { rampUpStrategy: shape, rampUpStartRps: fromRate, rampUpEndRps: toRate } = values;
  if (shape === undefined) return undefined;
  if (fromRate === undefined || toRate === undefined) {
    throw new LoadError('bad-test', '--ramp-up-strategy needs --ramp-up-start-rps and --ramp-up-end-rps');
  }
  const ramp = { fromRate, rate: toRate, shape, durationS: 1 };
  return [{ ...ramp, durationS: values.rampUpDuration ?? numPrompts / meanRate(ramp) }];
}

function readStages(text: string, decimal: ReadNumber): Stage[] | undefined {
  const stages = text.split(',').map((part) => {
    const [rates = '', seconds = '', ...more] = part.split(':');
    const ends = rates.split('-').map((end) => positive(end, decimal));
    const [fromRate, toRate] = ends.length === 1 ? [ends[0], ends[0]] : ends;
    const durationS = positive(seconds, decimal);
    const isGood = more.length === 0 && ends.length <= 2;
    return !isGood || fromRate === undefined || toRate === undefined || durationS === undefined
      ? undefined
      : { fromRate, rate: toRate, durationS };
  });
  return stages.every((stage) => stage !== undefined) ? stages : undefined;
}

function problemsOfStage({ rate: endRate, fromRate = endRate, shape, durationS }: Stage): string[] {
  const lowest = Math.min(endRate, fromRate);
  return [
    ...(lowest >= 0 && Number.isFinite(Math.max(endRate, fromRate))
      ? []
      : [`a rate must be a number, 0 or more, not ${endRate < 0 ? endRate : fromRate}`]),
    ...(shape === 'exponential' && lowest <= 0 ? ['rates of an exponential ramp must be above 0'] : []),
    ...(durationS > 0 ? [] : [`its duration must be above 0, not ${durationS}`]),
  ];
}

/** A gap with mean 1. */
function unitGap(random: Random, shape: number): number {
  if (!Number.isFinite(shape)) return 1;
  return shape === 1 ? random.exponential(1) : random.gamma(shape, 1 / shape);
}
