import type { MeanScore } from './statistics.ts';

/** The score that another score is compared with. */
export interface GateReference {
  readonly score: number;
  readonly interval95: readonly [low: number, high: number];
  /** The origin of the score, for display. */
  readonly source: string;
}

/** Whether answers are still correct, judged against a reference. */
export interface Gate {
  readonly verdict: 'pass' | 'fail' | 'not-judged';
  /** One sentence. */
  readonly reason: string;
  readonly reference?: GateReference;
}

/** The accepted loss of accuracy: what a lower precision of good quality may cost. */
export const defaultTolerance = 0.02;

/**
 * Fails a score that is significantly more than the tolerance below its reference, i.e. if the lower 95 % limit of the
 * difference exceeds the tolerance, by Newcombe's method for two Wilson intervals (1998).
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
    return notJudged('no reference yet for this model and these questions: this score becomes the reference');
  const loss = reference.score - mean;
  const margin = Math.hypot(reference.score - reference.interval95[0], interval95[1] - mean);
  const compared = `${percent(mean)} compared with ${percent(reference.score)} for ${reference.source}`;
  if (loss - margin > tolerance)
    return {
      verdict: 'fail',
      reason: `${compared}: significantly more than ${percent(tolerance)} lower`,
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
