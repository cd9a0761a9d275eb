import type { OverviewShape } from '../../../../src/server/api.ts';
import { type Criterion, lead, type Ranked } from './ranking.ts';

interface AnswerProps {
  readonly level: OverviewShape['levels'][number];
  readonly ranking: readonly Ranked[];
  readonly criterion: Criterion;
}

/** The ranking in one or two sentences. */
export function Answer({ level, ranking, criterion }: AnswerProps) {
  const [first, second] = ranking;
  const at = `At ${level.medianInteractivity} tok/s per user`;
  if (first === undefined) return <p class="answer">{at} nothing was measured that is fast enough.</p>;
  if (first.value === null) {
    return (
      <p class="answer">{at} there is no such figure: nothing is known of this hardware’s price or power.</p>
    );
  }
  const factor = lead(ranking);
  return (
    <p class="answer">
      {at}, <strong>{first.name}</strong> {second === undefined ? 'gives' : `${criterion.superlative}:`}{' '}
      <strong>
        {criterion.show(first.value)} {criterion.unit}
      </strong>
      {second !== undefined && factor !== null && (
        <>
          , {factor < 1.02 ? 'level with' : `${factor.toFixed(factor < 10 ? 2 : 0)}× better than`}{' '}
          {second.place.hw}
        </>
      )}
      .
      {level.outOfReach.length > 0 && (
        <span class="quiet"> Never measured this fast: {level.outOfReach.join(', ')}.</span>
      )}
    </p>
  );
}
