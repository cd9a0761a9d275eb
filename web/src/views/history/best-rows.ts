import type { BestOverTime } from '../../../../src/derived/best-over-time.ts';
import { areProvenDifferent, type DecisionRow } from '../../../../src/derived/decision.ts';
import type { PointCandidate } from '../../data/candidates.ts';
import { isModelled, modelled } from '../../data/decision-words.ts';
import { deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names-in.ts';
import { serverWords } from '../../data/server-words.ts';
import { day, percent, quantity, shortNumber } from '../../parts/format.ts';

/** One change of the best result on some hardware: before and after. */
export interface BestChange<Point> {
  readonly hw: string;
  readonly atS: number;
  /** null if there was no answer before. */
  readonly before: DecisionRow<Point> | null;
  /** null if there is no answer any more. */
  readonly row: DecisionRow<Point> | null;
}

/** Every change on all hardware, the newest first. */
export function changesOf<Point>(best: readonly BestOverTime<Point>[]): BestChange<Point>[] {
  return best
    .flatMap(({ hw, moments }) =>
      moments.map(({ atS, row }, index) => ({ hw, atS, row, before: moments[index - 1]?.row ?? null })),
    )
    .toSorted((a, b) => b.atS - a.atS || tputOf(b) - tputOf(a));
}

/** Sort key: hardware without an answer comes last. */
function tputOf({ row }: Pick<BestChange<unknown>, 'row'>): number {
  return row?.answer.tputPerGpu ?? Number.NEGATIVE_INFINITY;
}

type Sides = Pick<BestChange<PointCandidate>, 'before' | 'row'>;

/** After / before − 1, if that is a gain or a loss; null if one is missing, or if only the interpolation differs. */
export function relativeOf(sides: Sides): number | null {
  const { before, row } = sides;
  if (before === null || row === null || changedIn(sides) === 'interpolation') return null;
  return row.answer.tputPerGpu / before.answer.tputPerGpu - 1;
}

/**
 * What else changed besides the result: then it does not show that the server became faster. If a result of the
 * same server is interpolated between other concurrencies than before, nothing shows that anything changed.
 */
export function changedIn({ before, row }: Sides): 'server' | 'concurrency' | 'interpolation' | null {
  if (before === null || row === null) return null;
  const [then, now] = [before.points, row.points];
  if (serverOf(then[0]) !== serverOf(now[0])) return 'server';
  if (concurrencies(then) === concurrencies(now)) return null;
  return [before, row].some(({ answer }) => isModelled(answer)) ? 'interpolation' : 'concurrency';
}

/**
 * Whether the difference is larger than that of two measurements of an unchanged server. How a result depends on the
 * concurrency matters only if it was interpolated between others before.
 */
export function isProven(sides: Sides): boolean {
  const { before, row } = sides;
  if (before === null || row === null) return false;
  const exact = changedIn(sides) === null ? { range: null } : {};
  return areProvenDifferent({ ...before.answer, ...exact }, { ...row.answer, ...exact });
}

/**
 * How a result stands in the chart on the day from which it holds: as measured on that day, as interpolated with
 * a measurement of that day, or as carried from before, if a newer and worse measurement replaced a better one.
 */
export function standingOf({
  atS,
  row,
}: Pick<BestChange<PointCandidate>, 'atS' | 'row'>): 'measured' | 'interpolated' | 'carried' {
  if (row === null || !row.points.some(({ measuredAtS }) => dayOf(measuredAtS) === dayOf(atS)))
    return 'carried';
  return isModelled(row.answer) ? 'interpolated' : 'measured';
}

function dayOf(atS: number): number {
  return Math.floor(atS / 86_400);
}

/** A server, whatever its image and its concurrency. */
function serverOf(candidate: PointCandidate | undefined): string {
  if (candidate === undefined) return '';
  const { series, layout, fields } = candidate.point;
  return JSON.stringify([series.key, layout, fields]);
}

/** `8 to 256` for an answer between two concurrencies. */
export function concurrencies(points: readonly PointCandidate[]): string {
  return points.map(({ conc }) => conc).join(' to ');
}

/** From the first result of something to its current one. */
interface Gain {
  readonly hw: string;
  readonly before: DecisionRow<PointCandidate>;
  readonly row: DecisionRow<PointCandidate>;
  readonly ratio: number;
}

/**
 * Which hardware leads since when, which configuration has gained most since its first result, and which
 * hardware has gained more than that, but with another server or at another concurrency.
 */
export function findingOf(
  best: readonly BestOverTime<PointCandidate>[],
  /** The same question for each configuration with its concurrency: only these are alike at any two times. */
  ofConfigurations: readonly BestOverTime<PointCandidate>[],
  names: Names,
): string {
  const [leader] = best
    .flatMap(({ hw, moments }) => {
      const row = moments.at(-1)?.row;
      return row == null ? [] : [{ hw, row }];
    })
    .toSorted((a, b) => b.row.answer.tputPerGpu - a.row.answer.tputPerGpu);
  if (leader === undefined) return 'No hardware qualifies any more.';
  const device = deviceOf([leader.hw]);
  const tput = modelled(leader.row.answer, leader.row.answer.tputPerGpu);
  const since = leadsSince(best, leader.hw);
  const serves = `${names.hardware(leader.hw)} serves${since === null ? '' : ' the most,'} ${quantity(tput, 'tok/s')} per ${device} (measured ${day(leader.row.measuredAtS)})`;
  const leads = `${serves}${since === null ? '' : `, and has led since ${day(since)}`}.`;
  const [alike] = gainsOf(ofConfigurations);
  const wasRepeated = ofConfigurations.some(({ moments }) => moments.length > 1);
  const gained =
    alike !== undefined
      ? `Of single configurations, ${servedBy(alike.row, names)} on ${names.hardware(alike.hw)} has improved the most: ${timesFirst(alike)}.`
      : wasRepeated
        ? `No configuration has gained ${percent(0.05)} or more since its first result.`
        : 'No configuration within the limits was measured twice.';
  const more = gainsOf(best).find((gain) => changedIn(gain) !== null && gain.ratio > (alike?.ratio ?? 1));
  return [leads, gained, ...(more === undefined ? [] : [replacedWords(more, names)])].join(' ');
}

function replacedWords(gain: Gain, names: Names): string {
  const { hw, before, row } = gain;
  const reached = `${names.hardware(hw)} reached ${timesFirst(gain)}`;
  return changedIn(gain) === 'server'
    ? `${reached}, but with another server: ${servedBy(row, names)} in place of ${servedBy(before, names)}.`
    : `${reached}, but at concurrency ${concurrencies(row.points)} in place of ${concurrencies(before.points)}.`;
}

/** Gains of 5 % or more, the largest first. */
function gainsOf(best: readonly BestOverTime<PointCandidate>[]): Gain[] {
  return best
    .flatMap(({ hw, moments }): Gain[] => {
      const [before, row] = [moments.find((moment) => moment.row !== null)?.row, moments.at(-1)?.row];
      if (before == null || row == null) return [];
      return [{ hw, before, row, ratio: row.answer.tputPerGpu / before.answer.tputPerGpu }];
    })
    .filter((gain) => gain.ratio >= 1.05 && changedIn(gain) !== 'interpolation')
    .toSorted((a, b) => b.ratio - a.ratio);
}

function timesFirst({ before, row, ratio }: Gain): string {
  const about = isModelled(before.answer) || isModelled(row.answer) ? 'about ' : '';
  return `${about}${shortNumber(ratio)} times its first result, from ${day(before.measuredAtS)} to ${day(row.measuredAtS)}`;
}

function servedBy({ points }: DecisionRow<PointCandidate>, names: Names): string {
  const [first] = points;
  return first === undefined
    ? ''
    : `${serverWords(first.point.series, names)} (${first.point.layout}, concurrency ${concurrencies(points)})`;
}

/** Since when some hardware has led without a break; null if there is no other to lead. */
function leadsSince(best: readonly BestOverTime<unknown>[], hw: string): number | null {
  if (best.length < 2) return null;
  const times = [...new Set(best.flatMap(({ moments }) => moments.map(({ atS }) => atS)))].toSorted(
    (a, b) => b - a,
  );
  let since: number | null = null;
  for (const atS of times) {
    const [first] = best
      .flatMap((one) => {
        const row = one.moments.findLast((moment) => moment.atS <= atS)?.row;
        return row == null ? [] : [{ hw: one.hw, tput: row.answer.tputPerGpu }];
      })
      .toSorted((a, b) => b.tput - a.tput);
    if (first?.hw !== hw) break;
    since = atS;
  }
  return since;
}
