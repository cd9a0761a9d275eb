import type { Accuracy } from '../../../src/derived/accuracy.ts';
import type { BestAnswer, Need } from '../../../src/derived/answer.ts';
import {
  areProvenDifferent,
  type DecisionRow,
  type HardwareDecision,
} from '../../../src/derived/decision.ts';
import { widestGap } from '../../../src/derived/readings.ts';
import type { TokenKind } from '../../../src/derived/throughput.ts';
import type { LevelValue } from '../charts/level-reads.ts';
import {
  day,
  percent,
  plural,
  quantity,
  rounded,
  seconds,
  shortNumber,
  usd,
  usdTo,
} from '../parts/format.ts';
import type { AnsweredPoint } from './candidates.ts';
import { type Device, deviceOf } from './device.ts';
import type { Names } from './names.ts';
import { serverWords } from './server-words.ts';

export type Row = DecisionRow<AnsweredPoint>;
export type AbsentHardware = HardwareDecision<AnsweredPoint>['absent'][number];

/** The name of a throughput axis: `Total throughput per GPU (tok/s)`. */
export function throughputLabel(tokens: TokenKind, device: Device): string {
  return `${tokens.replace(/^./, (first) => first.toUpperCase())} throughput per ${device} (tok/s)`;
}

const users = {
  median: 'half of the users',
  p90: `${percent(0.9)} of the users`,
  p99: `${percent(0.99)} of the users`,
} as const;
const requests = { median: 'median', p90: 'p90', p99: 'p99' } as const;

/** Which tokens a throughput or a price counts. */
export const tokenWords: Readonly<Record<TokenKind, string>> = {
  total: 'input and output tokens',
  input: 'input tokens',
  output: 'output tokens',
};

/** The question in words: `at least 50 tok/s for half of the users, first token within 3 s (median)`. */
export function needWords({ speed, speedStatistic, ttftMs, ttftStatistic, arrival }: Need): string {
  const first =
    ttftMs === null
      ? 'any time to the first token'
      : `the first token within ${seconds(ttftMs)} (${requests[ttftStatistic]})`;
  const limits = [`at least ${quantity(shortNumber(speed), 'tok/s')} for ${users[speedStatistic]}`, first];
  return list(arrival === 'smooth' ? [...limits, 'smooth arrival of tokens'] : limits);
}

/** The table in plain words: the answer, and what else a reader must know. */
export interface Sentences {
  readonly answer: string;
  readonly beside: string;
}

export function sentences(decision: HardwareDecision<AnsweredPoint>, need: Need, names: Names): Sentences {
  const [first, second] = decision.rows;
  if (first === undefined)
    return { answer: `With ${needWords(need)}, no measurement qualifies.`, beside: '' };
  const device = deviceOf([first.answer.hw]);
  const name = (row: Row) => names.hardware(row.answer.hw);
  const series = first.points[0]?.point.series;
  const best = `With ${needWords(need)}, ${name(first)} ${second === undefined ? 'serves' : 'serves the most:'} ${quantity(tput(first), 'tok/s')} per ${device} (${tokenWords[need.tokens]})${
    series === undefined ? '' : `, with ${serverWords(series, names)} on ${devices(first)}`
  }${first.usdPerMillion === null ? '' : `, for ${costWords(first)} per million tokens${priceWords(first)}`}.`;
  return {
    answer: [best, ...caveats(first, need), ...nextWords(first, second, name)].join(' '),
    beside: [
      ...cheapestWords(decision.rows, name),
      ...burstsWords(decision.rows),
      ...precisionWords(decision, name),
      ...dateWords(decision.rows),
    ].join(' '),
  };
}

/** A p99 this many times the limited TTFT is said in words. */
const farAbove = 3;

/** Whether one request in a hundred waits far longer for its first token than the limited percentile says. */
export function isP99FarAbove({ ttftMs, p99TtftMs }: Pick<Row['answer'], 'ttftMs' | 'p99TtftMs'>): boolean {
  return ttftMs !== null && p99TtftMs !== null && p99TtftMs >= farAbove * ttftMs;
}

/** What the speed and the limited TTFT of an answer hide, in sentences. */
export function caveats({ answer, arrival }: Row, { speed, ttftStatistic }: Need): string[] {
  const { ttftMs, p99TtftMs } = answer;
  const late =
    isP99FarAbove(answer) && ttftMs !== null && p99TtftMs !== null
      ? [
          `Its first token takes ${modelled(answer, ttftMs, seconds)} (${requests[ttftStatistic]}), but ${modelled(answer, p99TtftMs, seconds)} or more for one request in a hundred (p99).`,
        ]
      : [];
  const bursts =
    arrival.state === 'bursts'
      ? [
          `It meets ${quantity(shortNumber(speed), 'tok/s')} only on average: tokens arrive in bursts, with pauses of ${seconds(arrival.gapMs)} or more (p99 gap).`,
        ]
      : [];
  return [...late, ...bursts];
}

/** How many answers owe their rank to a speed that readers do not see. */
function burstsWords(rows: readonly Row[]): string[] {
  const count = (state: Row['arrival']['state']) => rows.filter((row) => row.arrival.state === state).length;
  const [bursts, unknown] = [count('bursts'), count('unknown')];
  if (bursts === 0) return [];
  const rest = unknown === 0 ? '' : `, and of ${unknown} it is not known how tokens arrive`;
  return [
    `${bursts} of ${plural(rows.length, 'answer')} ${bursts === 1 ? 'meets' : 'meet'} the speed only in bursts${rest}; choose “smooth” under Arrival to rank without them.`,
  ];
}

/** The price of an answer's tokens, rounded if it was not measured. */
export function costWords({ answer, usdPerMillion }: Row): string {
  if (usdPerMillion === null) return '';
  return isModelled(answer) ? `about ${usdTo(usdPerMillion, modelledDigits)}` : usd(usdPerMillion);
}

/** The price that a cost rests on. */
export function priceWords({ answer, usdPerGpuHour }: Row): string {
  return usdPerGpuHour === null ? '' : ` at ${usd(usdPerGpuHour)} per ${deviceOf([answer.hw])}-hour`;
}

function nextWords(first: Row, second: Row | undefined, name: (row: Row) => string): string[] {
  if (second === undefined) return [];
  if (!areProvenDifferent(first.answer, second.answer)) return [`${name(second)} is not proven different.`];
  return [
    `${name(second)} comes second with ${isModelled(first.answer) || isModelled(second.answer) ? 'about ' : ''}${percent(second.answer.tputPerGpu / first.answer.tputPerGpu, 0)} of that.`,
  ];
}

function cheapestWords(rows: readonly Row[], name: (row: Row) => string): string[] {
  const priced = rows.filter(({ usdPerMillion }) => usdPerMillion !== null);
  const [cheapest, next] = priced.toSorted((a, b) => (a.usdPerMillion ?? 0) - (b.usdPerMillion ?? 0));
  if (cheapest === undefined || next === undefined) return [];
  const unsure = !areCostsProvenDifferent(cheapest, next);
  return [
    `${name(cheapest)} is the cheapest per token${unsure ? `; ${name(next)} is not proven more expensive` : ''}.`,
  ];
}

/** Costs differ if their throughputs do, each at its price. */
export function areCostsProvenDifferent(a: Row, b: Row): boolean {
  const perDollar = ({ usdPerMillion, answer }: Row) =>
    1 / ((usdPerMillion ?? Number.NaN) * answer.tputPerGpu);
  return areProvenDifferent(a.answer, b.answer, [perDollar(a), perDollar(b)]);
}

/** The same for the power per million tokens per second. */
export function arePowersProvenDifferent(a: Row, b: Row): boolean {
  const perKw = ({ kwPerMtokPerS, answer }: Row) => 1 / ((kwPerMtokPerS ?? Number.NaN) * answer.tputPerGpu);
  return areProvenDifferent(a.answer, b.answer, [perKw(a), perKw(b)]);
}

function precisionWords(
  { rows, precisions }: HardwareDecision<AnsweredPoint>,
  name: (row: Row) => string,
): string[] {
  if (precisions.length < 2) return [];
  const unchecked = rows.filter(({ accuracy }) => accuracy.state === 'unknown').map(name);
  const mixed = `The table mixes ${list(precisions.map((one) => one.toUpperCase()))}`;
  return [
    unchecked.length === 0
      ? `${mixed}, so compare the accuracies too.`
      : `${mixed}; ${list(unchecked)} ${unchecked.length === 1 ? 'has' : 'have'} no accuracy score.`,
  ];
}

/** Engines improve within a month, so that measurements farther apart are not quite comparable. */
const sameTimeS = 31 * 86_400;

function dateWords(rows: readonly Row[]): string[] {
  const times = rows.map(({ measuredAtS }) => measuredAtS);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return last - first > sameTimeS
    ? [`The measurements are from different times, ${day(first)} to ${day(last)}.`]
    : [];
}

export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

export function tput({ answer }: Row): string {
  const { tputPerGpu } = answer;
  return isModelled(answer)
    ? `about ${shortNumber(rounded(tputPerGpu, modelledDigits))}`
    : shortNumber(tputPerGpu);
}

type At = Pick<BestAnswer<unknown>, 'at'>;

/** Whether an answer was not measured itself, but interpolated between two concurrencies of one server. */
export function isModelled({ at }: At): boolean {
  return at.kind === 'between';
}

/** An interpolated figure is known to about this many digits. */
const modelledDigits = 2;

/**
 * A figure of an answer; if it was not measured, with `≈` and no more digits than are known. The same in tables, charts
 * and tooltips.
 */
export function modelled(
  answer: At,
  value: number,
  format: (value: number, digits?: number) => string = shortNumber,
): string {
  return isModelled(answer)
    ? `≈\u00a0${format(rounded(value, modelledDigits), modelledDigits)}`
    : format(value);
}

/** The throughput of an answer as the reading of a chart's line. */
export function levelValueOf(answer: At & Pick<BestAnswer<unknown>, 'tputPerGpu'>): LevelValue {
  const { tputPerGpu: value } = answer;
  return { value, text: modelled(answer, value) };
}

/** What `≈` means. */
export const modelledMeaning = `≈: not measured itself, but interpolated between two concurrencies of one server that are at most ${widestGap} times apart, and rounded to ${modelledDigits} digits.`;

/** The same for notes on charts; empty if no answer has it. */
export function modelledNote(answers: readonly At[]): string {
  return answers.some(isModelled) ? ` ${modelledMeaning}` : '';
}

export function devices({ points, answer }: Row): string {
  const count = points[0]?.gpus.total ?? 0;
  return quantity(count, `${deviceOf([answer.hw])}${count === 1 ? '' : 's'}`);
}

/** The concurrency of an answer, or the two that it lies between. */
export function standingWords({ answer: { at, range } }: Row): string {
  if (at.kind === 'measured') return `at concurrency ${at.point.conc}`;
  const [a, b] = at.points;
  const bounds =
    range === null
      ? ''
      : ` (${shortNumber(rounded(range[0], 3))} to ${quantity(shortNumber(rounded(range[1], 3)), 'tok/s')})`;
  return `between concurrency ${a.conc} and ${b.conc} of one server${bounds}`;
}

/** Why a hardware type is not in the table. */
export function absenceWords(absent: AbsentHardware, need: Need): string {
  switch (absent.reason) {
    case 'too-slow':
      return `never measured at this speed${need.arrival === 'smooth' ? ' with smooth arrival' : ''}; the fastest is ${quantity(shortNumber(absent.fastest), 'tok/s')} per user`;
    case 'late-first-token':
      return `at this speed the first token takes ${seconds(absent.soonestMs)} or more`;
    case 'no-speed':
      return `its rows have no ${absent.statistic} interactivity`;
    case 'no-throughput':
      return `its rows have no ${absent.tokens} throughput`;
    case 'arrival':
      return absent.known ? 'its tokens arrive in bursts' : 'not known how its tokens arrive';
    case 'no-first-token':
      return `its rows have no ${need.ttftStatistic} TTFT`;
    case 'other-precision':
      return `measured only in ${list(absent.precisions.map((one) => one.toUpperCase()))}`;
    case 'accuracy':
      return absent.checked ? 'none of its servers passed an accuracy check' : 'its accuracy was not checked';
  }
}

export function withoutFiguresWords(count: number): string {
  return `${plural(count, 'point')} without this speed or throughput left out.`;
}

/** The concurrency of an answer's score, if it is known and none of the answer's own; else null. */
export function scoredElsewhere({ accuracy, points }: Row): number | null {
  if (accuracy.state === 'unknown') return null;
  const { conc } = accuracy.score;
  return points.some((point) => point.conc === conc) ? null : conc;
}

/** `95.6 %`, and its basis. */
export function accuracyWords(accuracy: Accuracy): { readonly short: string; readonly long: string } {
  if (accuracy.state === 'unknown')
    return {
      short: 'no score',
      long: 'the store has no score of this model, hardware, engine and precision',
    };
  const { score, interval, reference, state } = accuracy;
  const range =
    interval === null
      ? ''
      : `, ${percent(interval[0])} to ${percent(interval[1])} (${percent(0.95)}, Wilson)`;
  return {
    short: `${percent(score.score)}${state === 'failed' ? ', failed' : ''}`,
    long: `${score.task} ${score.metric}: ${percent(score.score)}${range}, ${score.conc === null ? 'at an unknown concurrency' : `at concurrency ${score.conc}`}, on ${day(score.measuredAt)}; the median of this model’s servers is ${percent(reference)}`,
  };
}
