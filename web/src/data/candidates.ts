import { type Accuracy, accuracyOf, type TaskScore } from '../../../src/derived/accuracy.ts';
import type { DatedCandidate } from '../../../src/derived/best-over-time.ts';
import { serverKey } from '../../../src/derived/candidate.ts';
import { isScoreOf, scoreKey, scoreKeyOfSeries } from '../../../src/identity/score-subject.ts';
import type { EvalsDocument } from '../../../src/server/api.ts';
import { intervalOf, metricOf, type PublishedPoint } from './points.ts';
import { configurationOf } from './shape-points.ts';

/** A point of the page as answers are made of it. */
export interface PointCandidate extends DatedCandidate {
  readonly point: PublishedPoint;
}

const known = new WeakMap<readonly PublishedPoint[], readonly PointCandidate[]>();

/** The points of a list as answers are made of them; the same list gives the same ones, whoever asks. */
export function candidatesOf(points: readonly PublishedPoint[]): readonly PointCandidate[] {
  const made = known.get(points) ?? points.map(candidateOf);
  known.set(points, made);
  return made;
}

export function candidateOf(point: PublishedPoint): PointCandidate {
  const { id, series, conc, gpus, verdict, measuredAtS, layout, fields, image, run } = point;
  return {
    id,
    hw: series.hw,
    precision: series.precision,
    conc,
    gpus,
    verdict,
    measuredAtS,
    point,
    configuration: configurationOf(point),
    server: serverKey([series.key, layout, JSON.stringify(fields)], { image, run }),
    metric: (name) => metricOf(point, name),
    interval: (name) => intervalOf(point, name),
  };
}

/** Whether the answers of what a point measured are right, as far as the store has scores of the model. */
export function accuracies(
  evals: EvalsDocument['evals'],
  modelPrefix: string,
): (candidate: PointCandidate) => Accuracy {
  const ofModel = evals.filter((one) => isScoreOf(one, modelPrefix));
  const byKey: ReadonlyMap<string, TaskScore[]> = Map.groupBy(ofModel, scoreKey);
  const judged = new Map<string, Accuracy>();
  return ({ point: { series } }) => {
    const key = scoreKeyOfSeries(series, modelPrefix);
    const known = judged.get(key) ?? accuracyOf(byKey.get(key) ?? [], ofModel);
    judged.set(key, known);
    return known;
  };
}
