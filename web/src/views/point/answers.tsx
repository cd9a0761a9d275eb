import { useMemo } from 'preact/hooks';
import type { PointDocument } from '../../../../src/server/api.ts';
import { seriesAccuracies } from '../../data/candidates.ts';
import { accuracyWords } from '../../data/decision-words.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { linkTo } from '../../state/use-route.ts';
import { accuracyParams } from '../accuracy/params.ts';

interface AnswersProps {
  readonly published: NonNullable<PointDocument['published']>;
}

/** Whether the answers of the point's server were correct: a speed alone does not say it. */
export function Answers({ published }: AnswersProps) {
  const evals = shownOf(useDocument('evals'))?.evals;
  const model = published.shape.modelPrefix;
  const accuracy = useMemo(
    () => evals && seriesAccuracies(evals, model)(published.series),
    [evals, model, published],
  );
  if (accuracy === undefined) return null;
  const { short, long } = accuracyWords(accuracy);
  return (
    <p data-accuracy={accuracy.state}>
      <a href={linkTo('accuracy', accuracyParams, { model })}>Accuracy</a>:{' '}
      <b class={accuracy.state === 'failed' ? 'bad' : ''}>{short}</b> <span class="quiet">({long})</span>
    </p>
  );
}
