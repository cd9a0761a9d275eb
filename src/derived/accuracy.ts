import { wilsonInterval } from './wilson.ts';

/** One score of an accuracy task, with the fields used to judge configurations. */
export interface TaskScore {
  readonly task: string;
  readonly metric: string;
  /** Fraction of correct answers, 0 to 1. */
  readonly score: number;
  /** Questions answered; null if unknown. */
  readonly samples: number | null;
  /** The verdict of the check itself, if it gave one. */
  readonly gate: 'pass' | 'fail' | 'not-judged' | null;
  readonly measuredAt: string;
  /** The concurrency at which the questions were asked; null if unknown. */
  readonly conc: number | null;
}

/** Whether the answers of a configuration are correct, if they were checked. */
export type Accuracy =
  | { readonly state: 'unknown' }
  | {
      readonly state: 'passed' | 'failed';
      readonly score: TaskScore;
      /** Wilson 95 % interval; null if the number of questions is unknown. */
      readonly interval: readonly [low: number, high: number] | null;
      /** The score it was compared with: the median of the same model and task. */
      readonly reference: number;
    };

/** The largest loss of accuracy that still passes; the check after a sweep uses the same value. */
export const toleratedLoss = 0.02;

/**
 * Judges the newest score of a configuration by the verdict of its check or, without one, against the median
 * of all scores of the same model and task. It fails if the upper end of its Wilson interval is below the
 * median by more than `toleratedLoss`.
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

/** Returns a function that judges the scores of a key, each key once; `all` are the scores of one model. */
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

/**
 * Wilson 95 % interval of a fraction of correct answers; null if the number of answers is unknown or the
 * score is not between 0 and 1.
 */
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
