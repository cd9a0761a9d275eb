import type { TaskScore } from '../derived/accuracy.ts';
import { type AnswerCandidate, serverKey } from '../derived/candidate.ts';
import { laterFieldsOf, layoutName, scoreKey, scoreKeyOfSeries } from '../identity/index.ts';
import type { StoredEval, StoredPoint } from '../store/index.ts';
import { evalOf, isJudged } from './documents/evals.ts';
import {
  gpuCountsOf,
  intervalsOf,
  type KnownGpus,
  metricsOf,
  seriesOfPoint,
} from './documents/point-columns.ts';
import { publicName } from './privacy.ts';

/** A stored point as a candidate for answers; `scoreKey` identifies its accuracy scores. */
export interface StoredCandidate extends AnswerCandidate {
  readonly point: StoredPoint;
  readonly scoreKey: string;
}

/** Converts a stored point into a candidate for answers. */
export function candidateOf(point: StoredPoint, gpus: KnownGpus): StoredCandidate {
  const { id, row, sweepId, verdict, measuredAt, productVersion } = point;
  const series = seriesOfPoint(row, gpus);
  const metrics = metricsOf(point);
  const intervals = intervalsOf(point);
  return {
    id,
    hw: series.hw,
    precision: series.precision,
    conc: row.conc,
    verdict,
    version: productVersion,
    point,
    server: serverKey([series.key, layoutName(row), JSON.stringify(laterFieldsOf(row))], {
      image: publicName(row.image),
      run: sweepId,
    }),
    scoreKey: scoreKeyOfSeries(series, row.infmax_model_prefix),
    gpus: gpuCountsOf(point),
    measuredAtS: Date.parse(measuredAt) / 1000,
    metric: (name) => metrics[name],
    interval: (name) => intervals[name] ?? null,
  };
}

/** Groups scores by their subject. */
export function scoresByKey(
  scores: readonly StoredEval[],
  gpus: Parameters<typeof evalOf>[0]['gpus'],
): ReadonlyMap<string, TaskScore[]> {
  const judged = scores.filter(isJudged).map((one) => evalOf({ gpus }, one));
  return Map.groupBy(judged, scoreKey);
}
