import type { BestOverTime } from '../../../../src/derived/best-over-time.ts';
import type { DecisionRow } from '../../../../src/derived/decision.ts';
import { deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names-in.ts';
import { day, percent, quantity, shortNumber } from '../../parts/format.ts';

/** One change of a hardware's best result: before and after. */
export interface BestChange<Point> {
  readonly hw: string;
  readonly atS: number;
  /** null if there was no answer before. */
  readonly before: DecisionRow<Point> | null;
  /** null if there is no answer any more. */
  readonly row: DecisionRow<Point> | null;
}

/** Every change of every hardware, the newest first. */
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

/** After / before − 1; null if one of them is missing. */
export function relativeOf({ before, row }: Pick<BestChange<unknown>, 'before' | 'row'>): number | null {
  return before === null || row === null ? null : row.answer.tputPerGpu / before.answer.tputPerGpu - 1;
}

/** In one or two sentences: which hardware leads since when, and which has gained most since its first answer. */
export function findingOf(best: readonly BestOverTime<unknown>[], names: Names): string {
  const last = best.flatMap(({ hw, moments }) => {
    const [first, now] = [moments.find(({ row }) => row !== null)?.row, moments.at(-1)?.row];
    return first == null || now == null ? [] : [{ hw, moments, first, now }];
  });
  const leader = last.toSorted((a, b) => b.now.answer.tputPerGpu - a.now.answer.tputPerGpu)[0];
  if (leader === undefined) return 'No hardware qualifies any more.';
  const device = deviceOf([leader.hw]);
  const leads = `${names.hardware(leader.hw)} serves the most, ${quantity(shortNumber(leader.now.answer.tputPerGpu), 'tok/s')} per ${device}`;
  const since = leadsSince(best, leader.hw);
  const gains = last.map((one) => ({
    ...one,
    ratio: one.now.answer.tputPerGpu / one.first.answer.tputPerGpu,
  }));
  const most = gains.toSorted((a, b) => b.ratio - a.ratio)[0];
  const gained =
    most === undefined || most.ratio < 1.05
      ? `No hardware has gained ${percent(0.05)} or more since its first result.`
      : `${names.hardware(most.hw)} has improved the most: ${shortNumber(most.ratio)} times its first result, of ${day(most.first.measuredAtS)}.`;
  return `${leads}${since === null ? '' : `, and has led since ${day(since)}`}. ${gained}`;
}

/** Since when a hardware has led without a break; null if no other was ever ahead. */
function leadsSince(best: readonly BestOverTime<unknown>[], hw: string): number | null {
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
