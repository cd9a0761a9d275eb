import type { AnswerCandidate } from './candidate.ts';
import { type DecisionQuestion, type DecisionRow, decide } from './decision.ts';

/** A measurement that another one of the same configuration can take the place of. */
export interface DatedCandidate extends AnswerCandidate {
  /** What was asked for, the concurrency included and the image not: the newest measurement of each counts. */
  readonly configuration: string;
}

/** What a hardware gave within a need from the end of a day on. */
export interface BestMoment<Point> {
  /** When the newest measurement of that day was begun, seconds since 1970. */
  readonly atS: number;
  /** null where nothing measured by then, and not measured anew since, is an answer. */
  readonly row: DecisionRow<Point> | null;
}

export interface BestOverTime<Point> {
  readonly hw: string;
  /** Oldest first; each holds until the next. Two that follow each other differ. */
  readonly moments: readonly BestMoment<Point>[];
}

const dayS = 86_400;

/**
 * What the answer to a question was at the end of each day, for every hardware: decided as it is today, from the newest
 * measurement that each configuration had by then. Accuracies and prices are those of today.
 */
export function bestOverTime<Point extends DatedCandidate>(
  points: readonly Point[],
  question: DecisionQuestion<Point>,
): BestOverTime<Point>[] {
  return [...Map.groupBy(points, ({ hw }) => hw)].flatMap(([hw, members]) => {
    const moments = momentsOf(members, question);
    return moments.length === 0 ? [] : [{ hw, moments }];
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

/** Of two begun at the same time the one whose name comes first: as the store decides which is the latest. */
export function isNewer(
  a: Pick<AnswerCandidate, 'measuredAtS' | 'id'>,
  b: Pick<AnswerCandidate, 'measuredAtS' | 'id'>,
): boolean {
  return a.measuredAtS > b.measuredAtS || (a.measuredAtS === b.measuredAtS && a.id < b.id);
}

function restsOn<Point extends DatedCandidate>(row: DecisionRow<Point> | null): string {
  return row === null ? '' : row.points.map(({ id }) => id).join(' ');
}
