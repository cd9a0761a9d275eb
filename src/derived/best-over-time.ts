import type { AnswerCandidate } from './candidate.ts';
import { type DecisionQuestion, type DecisionRow, decide } from './decision.ts';

/** A measurement that a newer one of the same configuration replaces. */
export interface DatedCandidate extends AnswerCandidate {
  /**
   * The requested configuration, including the concurrency but not the image. The newest measurement of each
   * configuration counts.
   */
  readonly configuration: string;
}

/** The best answer of a hardware type from the end of a day on. */
export interface BestMoment<Point> {
  /** Start time of the newest measurement of that day, Unix time in seconds. */
  readonly atS: number;
  /** Null if no current measurement of that time is an answer. */
  readonly row: DecisionRow<Point> | null;
}

export interface BestOverTime<Point> {
  readonly hw: string;
  /** Oldest first; each holds until the next one, and neighbours differ. */
  readonly moments: readonly BestMoment<Point>[];
}

const dayS = 86_400;

/**
 * Computes the answer at the end of each day for every hardware type, or whatever is followed, from the newest
 * measurement that each configuration had by then, with today's rules, accuracy scores and prices.
 */
export function bestOverTime<Point extends DatedCandidate>(
  points: readonly Point[],
  question: DecisionQuestion<Point>,
  /** What is followed: each hardware type, or something within one, such as an engine of it. */
  followed: (point: Point) => string = ({ hw }) => hw,
): BestOverTime<Point>[] {
  return [...Map.groupBy(points, followed).values()].flatMap((members) => {
    const [first] = members;
    const moments = momentsOf(members, question);
    return first === undefined || moments.length === 0 ? [] : [{ hw: first.hw, moments }];
  });
}

function momentsOf<Point extends DatedCandidate>(
  members: readonly Point[],
  question: DecisionQuestion<Point>,
): BestMoment<Point>[] {
  const moments: BestMoment<Point>[] = [];
  const latest = new Map<string, Point>();
  let before = restsOn(null);
  const days = Map.groupBy(
    members.toSorted((a, b) => a.measuredAtS - b.measuredAtS),
    ({ measuredAtS }) => Math.floor(measuredAtS / dayS),
  );
  for (const ofDay of days.values()) {
    for (const point of ofDay) {
      const known = latest.get(point.configuration);
      if (known === undefined || isNewer(point, known)) latest.set(point.configuration, point);
    }
    const row = decide([...latest.values()], question).rows[0] ?? null;
    const now = restsOn(row);
    const atS = ofDay.at(-1)?.measuredAtS;
    if (now !== before && atS !== undefined) moments.push({ atS, row });
    before = now;
  }
  return moments;
}

/** If both started at the same time, the one with the smaller id counts as newer, as in the store. */
export function isNewer(
  a: Pick<AnswerCandidate, 'measuredAtS' | 'id'>,
  b: Pick<AnswerCandidate, 'measuredAtS' | 'id'>,
): boolean {
  return a.measuredAtS > b.measuredAtS || (a.measuredAtS === b.measuredAtS && a.id < b.id);
}

function restsOn<Point extends DatedCandidate>(row: DecisionRow<Point> | null): string {
  return row === null ? '' : row.points.map(({ id }) => id).join(' ');
}
