import { defaultTtftMs, type Need } from '../../../src/derived/answer.ts';
import { speedStatistics } from '../../../src/derived/candidate.ts';
import { defaultPayer, payers } from '../../../src/derived/cost.ts';
import { tokenKinds } from '../../../src/derived/throughput.ts';
import { type ChartFilterName, chartFilterFields } from '../../../src/identity/spelling.ts';
import {
  formatQuery,
  number,
  oneOf,
  type Param,
  type ParamValues,
  parseQuery,
  text,
  words,
} from './params.ts';

/** Seconds, or no limit. */
const ttftLimit: Param<number | 'none'> = {
  initial: defaultTtftMs / 1000,
  parse: (written) => {
    if (written === 'none') return 'none';
    const seconds = Number(written);
    return written !== '' && seconds > 0 && seconds <= 86_400 ? seconds : undefined;
  },
  format: String,
};

/** What charts are chosen by beside the shape, such as the scenario; empty for any. */
const chartParams = Object.fromEntries(chartFilterFields.map(({ name }) => [name, text()])) as Record<
  ChartFilterName,
  ReturnType<typeof text>
>;

/** The one question that every view is about; it stays in the address from view to view. */
export const questionParams = {
  model: text(),
  ...chartParams,
  /** `ISL/OSL`, and what else tells one chart of a model from another. */
  shape: text(),
  /** Minimum tokens per second per user; a round one in the middle of what was measured where none is given. */
  speed: number({ min: 0.001, max: 1e6 }),
  /** For how many of the users. */
  stat: oneOf(speedStatistics, 'median'),
  /** The longest time to the first token, seconds. */
  ttft: ttftLimit,
  ttftof: oneOf(speedStatistics, 'median'),
  /** `any`, `passed`, or the name of a precision. */
  allow: text('any'),
  tokens: oneOf(tokenKinds, 'total'),
  payer: oneOf(payers, defaultPayer),
  /** Own prices, $ per GPU and hour, as `HARDWARE:PRICE`; they come before the payer's. */
  prices: words,
  /** $ per kWh on top of the hourly price; nothing where none is given. */
  kwh: number({ min: 0, max: 100 }),
};

export type QuestionValues = ParamValues<typeof questionParams>;

export function needOf(
  values: Pick<QuestionValues, 'stat' | 'ttft' | 'ttftof' | 'tokens'>,
  speed: number,
): Need {
  return {
    speed,
    speedStatistic: values.stat,
    ttftMs: values.ttft === 'none' ? null : values.ttft * 1000,
    ttftStatistic: values.ttftof,
    tokens: values.tokens,
  };
}

/** What the question is about, beside what is asked of it. */
const subjects: ReadonlySet<string> = new Set(['model', 'shape', ...Object.keys(chartParams)]);
const askedParams = Object.fromEntries(
  Object.entries<Param<unknown>>(questionParams).filter(([name]) => !subjects.has(name)),
);

/** Whether nothing is asked but what is asked where nobody says. */
export function isUsual(values: QuestionValues): boolean {
  return formatQuery(askedParams, values) === '';
}

/** Of the query of any view the part that is the question, for links to other views. */
export function questionIn(query: string): string {
  return formatQuery(questionParams, parseQuery(questionParams, query));
}
