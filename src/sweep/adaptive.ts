import {
  type CandidateCurve,
  curvesOf,
  type Measurement,
  type NextPoints,
  nextPoints,
  type Plan,
} from '../plan/index.ts';
import type { JournalLine } from './journal.ts';
import type { SessionWork, WorkItem } from './session-work.ts';

/** A measurement that is skipped, and the reason. */
export interface Skip {
  readonly item: WorkItem;
  readonly reason: string;
}

/** The next measurement on a session's engine, and those that are skipped. */
export interface Choice {
  readonly next: WorkItem | undefined;
  /** Empty if there is a `next`: a skipped point may become useful as long as the engine runs. */
  readonly skips: readonly Skip[];
}

/** Chooses the measurements of sessions, whatever order the sessions run in. */
export interface Chooser {
  choose(work: SessionWork): Choice;
  /** The urgency of a session compared with other sessions; lower runs first. */
  rank(work: SessionWork): number;
  /** Takes a finished point into account. */
  learn(measurement: Measurement): void;
}

/** Measures every point in the order of the plan. */
export const everyPoint: Chooser = {
  choose: (work) => ({ next: work.pending[0], skips: [] }),
  rank: () => 0,
  learn: () => {},
};

/**
 * Measures only points that can still change the Pareto frontier of their curve. `history` contains the
 * results of earlier runs.
 */
export function adaptiveChooser(plan: Plan, history: readonly JournalLine[]): Chooser {
  const chooser = new AdaptiveChooser(curvesOf(plan));
  for (const line of history) {
    if (line.type === 'point-skipped') chooser.giveUp(line.pointId);
    if (line.type !== 'point-finished') continue;
    const measurement = measurementOf(line.pointId, line);
    if (measurement !== undefined) chooser.learn(measurement);
  }
  return chooser;
}

/**
 * A finished point as a measurement; undefined if one of its figures is unknown, because it then bounds no
 * other point.
 */
export function measurementOf(
  id: string,
  {
    tputPerGpu,
    interactivity,
    e2elS,
  }: Partial<Record<keyof Omit<Measurement, 'id'>, number | null | undefined>>,
): Measurement | undefined {
  if (tputPerGpu == null || interactivity == null || e2elS == null) return undefined;
  return { id, tputPerGpu, interactivity, e2elS };
}

class AdaptiveChooser implements Chooser {
  readonly #curves: readonly CandidateCurve[];
  readonly #measured = new Map<string, Measurement>();
  readonly #givenUp = new Set<string>();

  constructor(curves: readonly CandidateCurve[]) {
    this.#curves = curves;
  }

  learn(measurement: Measurement): void {
    this.#measured.set(measurement.id, measurement);
  }

  giveUp(id: string): void {
    this.#givenUp.add(id);
  }

  rank(work: SessionWork): number {
    const ranks = this.#curvesOf(work).map((curve) =>
      this.#next(curve).measure.findIndex(({ id }) => work.pending.some(({ point }) => point.id === id)),
    );
    return Math.min(...ranks.filter((rank) => rank >= 0));
  }

  choose(work: SessionWork): Choice {
    // A measured point's repeats are always measured.
    const repeat = work.pending.find(({ point }) => this.#measured.has(point.id));
    if (repeat !== undefined) return { next: repeat, skips: [] };
    const skips: Skip[] = [];
    for (const curve of this.#curvesOf(work)) {
      const { measure, skipped } = this.#next(curve);
      const wanted = measure.find(({ id }) => work.pending.some(({ point }) => point.id === id));
      const next = work.pending.find(({ point }) => point.id === wanted?.id);
      if (next !== undefined) return { next, skips: [] };
      for (const { candidate, reason } of skipped)
        for (const item of work.pending) if (item.point.id === candidate.id) skips.push({ item, reason });
    }
    for (const { item } of skips) this.giveUp(item.point.id);
    return { next: undefined, skips };
  }

  #curvesOf(work: SessionWork): CandidateCurve[] {
    const left = new Set(work.left.map(({ point }) => point.id));
    return this.#curves.filter(({ candidates }) => candidates.some(({ id }) => left.has(id)));
  }

  #next(curve: CandidateCurve): NextPoints {
    const measured = curve.candidates.flatMap(({ id }) => this.#measured.get(id) ?? []);
    return nextPoints(curve, measured, { givenUp: this.#givenUp });
  }
}
