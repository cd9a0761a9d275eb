import type { MeanScore } from './statistics.ts';

/** What a score is held against. */
export interface GateReference {
  readonly score: number;
  readonly interval95: readonly [low: number, high: number];
  /** Where the score is from, for whoever reads the verdict. */
  readonly source: string;
}

/** Whether answers are still right, by comparison with a reference. */
export interface Gate {
  readonly verdict: 'pass' | 'fail' | 'not-judged';
  /** In one sentence. */
  readonly reason: string;
  readonly reference?: GateReference;
}

/** A loss of accuracy that is tolerated: what a lower precision of good quality may cost. */
export const defaultTolerance = 0.02;

/**
 * Fails a score that is surely more than the tolerance below its reference: the lower 95 % limit of the difference, by
 * Newcombe's method for two Wilson intervals (1998), is above the tolerance.
 */
export function judgeGate(
  { mean, interval95, n }: MeanScore,
  unanswered: number,
  reference: GateReference | undefined,
  tolerance: number = defaultTolerance,
): Gate {
  if (unanswered > 0) return notJudged(`${unanswered} questions got no answer`);
  if (mean === undefined || interval95 === undefined || n === 0)
    return notJudged('no reference answers yet: these become the reference');
  if (reference === undefined)
    return notJudged('no reference yet of this model and these questions: this score becomes the first');
  const loss = reference.score - mean;
  const margin = Math.hypot(reference.score - reference.interval95[0], interval95[1] - mean);
  const compared = `${percent(mean)} against ${percent(reference.score)} of ${reference.source}`;
  if (loss - margin > tolerance)
    return {
      verdict: 'fail',
      reason: `${compared}: surely more than ${percent(tolerance)} lower`,
      reference,
    };
  return { verdict: 'pass', reason: compared, reference };
}

function notJudged(reason: string): Gate {
  return { verdict: 'not-judged', reason };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
