import { defaultNeed, defaultTtftMs, type Need } from '../../../src/derived/answer.ts';
import { arrivalPolicies } from '../../../src/derived/arrival.ts';
import { speedStatistics } from '../../../src/derived/candidate.ts';
import { defaultPayer, payers } from '../../../src/derived/cost.ts';
import { tokenKinds } from '../../../src/derived/throughput.ts';
import { type ChartFilterName, chartFilterFields } from '../../../src/identity/spelling.ts';
import {
  type Bounds,
  formatQuery,
  number,
  oneOf,
  type Param,
  type ParamValues,
  parseQuery,
  text,
  words,
} from './params.ts';

/** Tokens per second per user. */
export const speedBounds: Bounds = { min: 0.001, max: 1e6 };
/** Seconds. */
export const ttftBounds: Bounds = { min: 0.001, max: 86_400 };
/** $ per kWh. */
export const kwhBounds: Bounds = { min: 0, max: 100 };

/** Seconds, or no limit. */
const ttftLimit: Param<number | 'none'> = {
  initial: defaultTtftMs / 1000,
  parse: (written) => {
    if (written === 'none') return 'none';
    const seconds = Number(written);
    return seconds >= ttftBounds.min && seconds <= ttftBounds.max ? seconds : undefined;
  },
  format: String,
};

/** Properties besides the shape that select charts, such as the scenario; empty for any. */
const chartParams = Object.fromEntries(chartFilterFields.map(({ name }) => [name, text()])) as Record<
  ChartFilterName,
  ReturnType<typeof text>
>;

/** The question that views answer; links between views keep it in the address. */
export const questionParams = {
  model: text(),
  ...chartParams,
  /** `ISL/OSL`, and what else distinguishes the charts of a model. */
  shape: text(),
  /** Minimum tokens per second per user; by default a round number in the middle of the measured range. */
  speed: number(speedBounds),
  /** The share of users for which the speed holds. */
  stat: oneOf(speedStatistics, defaultNeed.speedStatistic),
  /** The longest time to the first token, seconds. */
  ttft: ttftLimit,
  ttftof: oneOf(speedStatistics, defaultNeed.ttftStatistic),
  /** Whether tokens may arrive in bursts, or unknown how. */
  arrival: oneOf(arrivalPolicies, defaultNeed.arrival),
  /** `any`, `passed`, or the name of a precision. */
  allow: text('any'),
  tokens: oneOf(tokenKinds, defaultNeed.tokens),
  payer: oneOf(payers, defaultPayer),
  /** Own prices, $ per GPU and hour, as `HARDWARE:PRICE`; they come before the payer's. */
  prices: words,
  /** The month of prices and power, such as `2026-04`; empty for the newest. */
  constants: text(),
  /** $ per kWh on top of the hourly price; none by default. */
  kwh: number(kwhBounds),
};

export type QuestionValues = ParamValues<typeof questionParams>;

export function needOf(
  values: Pick<QuestionValues, 'stat' | 'ttft' | 'ttftof' | 'tokens' | 'arrival'>,
  speed: number,
): Need {
  return {
    speed,
    speedStatistic: values.stat,
    ttftMs: values.ttft === 'none' ? null : values.ttft * 1000,
    ttftStatistic: values.ttftof,
    tokens: values.tokens,
    arrival: values.arrival,
  };
}

/** The subject of the question: model and workload. */
const subjects: ReadonlySet<string> = new Set(['model', 'shape', ...Object.keys(chartParams)]);
const askedParams = Object.fromEntries(
  Object.entries<Param<unknown>>(questionParams).filter(([name]) => !subjects.has(name)),
);

/** Whether the question is the default one. */
export function isUsual(values: QuestionValues): boolean {
  return formatQuery(askedParams, values) === '';
}

/** The part of a view's query that is the question, for links to other views. */
export function questionIn(query: string): string {
  return formatQuery(questionParams, parseQuery(questionParams, query));
}
