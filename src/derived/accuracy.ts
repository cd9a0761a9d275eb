import { wilsonInterval } from './wilson.ts';

/** A score of an accuracy task, as far as configurations are judged by it. */
export interface TaskScore {
  readonly task: string;
  readonly metric: string;
  /** A share, 0 to 1. */
  readonly score: number;
  /** Questions answered; null where it is not known. */
  readonly samples: number | null;
  /** What the check itself said, where it said something. */
  readonly gate: 'pass' | 'fail' | 'not-judged' | null;
  readonly measuredAt: string;
}

/** Whether the answers of a configuration are right, as far as somebody looked. */
export type Accuracy =
  | { readonly state: 'unknown' }
  | {
      readonly state: 'passed' | 'failed';
      readonly score: TaskScore;
      /** Wilson's, 95 %; null where the number of questions is not known. */
      readonly interval: readonly [low: number, high: number] | null;
      /** What it was held against: the middle score of the same model and task. */
      readonly reference: number;
    };

/** A loss of accuracy that is tolerated; that of the check after a sweep. */
export const toleratedLoss = 0.02;

/**
 * Judges the newest score of a configuration: by what the check said, else against the median of all scores of the
 * same model and task. It fails where it is surely more than the tolerance below, by its Wilson interval.
 */
export function accuracyOf(own: readonly TaskScore[], all: readonly TaskScore[]): Accuracy {
  const newest = own.toSorted((a, b) => b.measuredAt.localeCompare(a.measuredAt));
  const score = newest[0];
  if (score === undefined) return { state: 'unknown' };
  const reference = median(
    all.filter(({ task, metric }) => task === score.task && metric === score.metric).map((one) => one.score),
  );
  const interval = scoreInterval(score.score, score.samples);
  const isSurelyLower = (interval?.[1] ?? score.score) < reference - toleratedLoss;
  const failed = score.gate === 'fail' || (score.gate !== 'pass' && isSurelyLower);
  return { state: failed ? 'failed' : 'passed', score, interval, reference };
}

/** Judges by the key of what was scored, each key once; `all` are the scores of one model. */
export function accuracyByKey<Score extends TaskScore>(
  all: readonly Score[],
  keyOf: (score: Score) => string,
): (key: string) => Accuracy {
  const own = Map.groupBy(all, keyOf);
  const judged = new Map<string, Accuracy>();
  return (key) => {
    const accuracy = judged.get(key) ?? accuracyOf(own.get(key) ?? [], all);
    judged.set(key, accuracy);
    return accuracy;
  };
}

/** Wilson's 95 % interval of a share of right answers; null where the number of answers is not known or it is no share. */
export function scoreInterval(
  score: number,
  samples: number | null,
): readonly [low: number, high: number] | null {
  return samples === null || score < 0 || score > 1 ? null : wilsonInterval(score * samples, samples);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}
