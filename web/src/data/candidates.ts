import { type Accuracy, accuracyByKey } from '../../../src/derived/accuracy.ts';
import * as derived from '../../../src/derived/points-in-columns.ts';
import { isScoreOf, scoreKey, scoreKeyOfSeries } from '../../../src/identity/score-subject.ts';
import type { EvalsDocument, Series } from '../../../src/server/api.ts';
import type { PublishedPoint } from './points.ts';

/** A point of the page as answers are made of it. */
export type PointCandidate = derived.CandidateInColumns<Series>;
/** A point that an answer is based on. */
export type AnsweredPoint = derived.PointOfAnswer<Series>;

const known = new WeakMap<readonly PublishedPoint[], readonly PointCandidate[]>();

/** The points of a list as answers are made of them; the same list always gives the same objects. */
export function candidatesOf(points: readonly PublishedPoint[]): readonly PointCandidate[] {
  const made = known.get(points) ?? points.map((point) => derived.candidateOf(point));
  known.set(points, made);
  return made;
}

/** The accuracy of a point's server, if the store has scores of the model. */
export function accuracies(
  evals: EvalsDocument['evals'],
  modelPrefix: string,
): (candidate: PointCandidate) => Accuracy {
  const accuracyOf = seriesAccuracies(evals, modelPrefix);
  return ({ point: { series } }) => accuracyOf(series);
}

/** The accuracy of the servers of a series. */
export function seriesAccuracies(
  evals: EvalsDocument['evals'],
  modelPrefix: string,
): (series: Series) => Accuracy {
  const ofModel = evals.filter((one) => isScoreOf(one, modelPrefix));
  const accuracyOf = accuracyByKey(ofModel, scoreKey);
  return (series) => accuracyOf(scoreKeyOfSeries(series, modelPrefix));
}
