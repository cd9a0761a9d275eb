import { defined } from '../../defined/defined.ts';
import { type EvalJob, evalRowIdentity } from '../../identity/index.ts';
import { type HarnessFile, harnessScores } from './result-file.ts';

/**
 * A collected accuracy row, an element of the list in `agg_eval_<name>.json`; names and meanings are the public ones.
 */
export interface CollectedEval {
  readonly [identity: string]: string | number | boolean | null;
  readonly task: string;
  /** The score for comparing engines: the strict match, otherwise the accuracy; null if there is neither. */
  readonly score: number | null;
  readonly score_name: 'em_strict' | 'accuracy' | null;
  readonly score_se: number | null;
  readonly em_strict: number | null;
  readonly em_strict_se: number | null;
  readonly em_flexible: number | null;
  readonly em_flexible_se: number | null;
  readonly n_eff: number | null;
  /** The file that contains the score. */
  readonly source: string;
}

/** The rows of one result file, one for each task. */
export function collectedEvals(job: EvalJob, file: HarnessFile, source: string): CollectedEval[] {
  const identity = evalRowIdentity(job);
  return harnessScores(file).map(({ task, model, strict, flexible, accuracy, samples }) => {
    const score =
      strict.value === null
        ? { ...accuracy, name: accuracy.value === null ? null : ('accuracy' as const) }
        : { ...strict, name: 'em_strict' as const };
    return {
      ...identity,
      ...defined({ model: model ?? undefined }),
      task,
      em_strict: strict.value,
      em_strict_se: strict.standardError,
      em_flexible: flexible.value,
      em_flexible_se: flexible.standardError,
      n_eff: samples,
      source,
      score: score.value,
      score_name: score.name,
      score_se: score.standardError,
    };
  });
}
