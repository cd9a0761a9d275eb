import { scoreInterval } from '../../../../src/derived/accuracy.ts';
import type { EvalsDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names-in.ts';
import { metricOf, type PublishedPoint } from '../../data/points.ts';

export type Eval = EvalsDocument['evals'][number];

/** A score with the speed of the same configuration. */
export interface ScoredConfiguration {
  readonly key: string;
  readonly name: string;
  readonly eval: Eval;
  /** Wilson's, 95 %, null if the number of questions is unknown. */
  readonly interval: readonly [number, number] | null;
  /** The point with the most throughput at the same hardware, engine, precision, drafting and concurrency. */
  readonly speed: PublishedPoint | null;
}

/** What was evaluated, apart from when: `B200 (HGX): SGLang, FP8, concurrency 64`. */
function evalName({ hw, framework, precision, specDecoding, conc }: Eval, names: Names): string {
  const server = [
    names.engine(framework),
    precision.toUpperCase(),
    ...(specDecoding === 'none' || specDecoding === '' ? [] : [specDecoding.toUpperCase()]),
    ...(conc === null ? [] : [`concurrency ${conc}`]),
  ];
  return `${names.hardware(hw)}: ${server.join(', ')}`;
}

/** The same for repeated evaluations of a configuration. */
function evalKey({ model, hw, framework, precision, specDecoding, conc }: Eval): string {
  return JSON.stringify([model, hw, framework, precision, specDecoding || 'none', conc]);
}

/** The newest score of each evaluated configuration, the best first; `evals` must be newest first. */
export function latestScores(
  evals: readonly Eval[],
  points: readonly PublishedPoint[],
  names: Names,
): ScoredConfiguration[] {
  const latest = new Map<string, Eval>();
  for (const one of evals) {
    const key = evalKey(one);
    if (!latest.has(key)) latest.set(key, one);
  }
  return [...latest]
    .map(([key, one]) => ({
      key,
      name: evalName(one, names),
      eval: one,
      interval: scoreInterval(one.score, one.samples),
      speed: speedOf(one, points),
    }))
    .toSorted((a, b) => b.eval.score - a.eval.score);
}

function speedOf(
  { hw, gpu, framework, precision, specDecoding, conc }: Eval,
  points: readonly PublishedPoint[],
): PublishedPoint | null {
  const same = points.filter(
    ({ series, conc: at }) =>
      (series.hw === hw || (gpu !== null && series.gpu === gpu)) &&
      series.framework === framework &&
      series.precision === precision &&
      series.specDecoding === specDecoding &&
      (conc === null || conc === at),
  );
  const throughput = (point: PublishedPoint) =>
    metricOf(point, 'totalTputPerGpu') ?? Number.NEGATIVE_INFINITY;
  return same.reduce<PublishedPoint | null>(
    (best, point) => (best === null || throughput(point) > throughput(best) ? point : best),
    null,
  );
}
