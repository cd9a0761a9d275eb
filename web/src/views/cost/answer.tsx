import { seriesName } from '../../data/points.ts';
import { plural, usd } from '../../parts/format.ts';
import type { CostAnswer, CostRanking } from './cost-ranking.ts';
import type { CostValues } from './params.ts';

interface CostAnswerTextProps {
  readonly ranking: CostRanking;
  readonly target: number;
  readonly values: CostValues;
}

/** The ranking in words: the cheapest, whether the next one is really dearer, and what could not be answered. */
export function CostAnswerText({ ranking, target, values }: CostAnswerTextProps) {
  const [first, second] = ranking.answers;
  const of = values.tokens === 'total' ? '' : `${values.tokens} `;
  return (
    <div aria-live="polite">
      {first === undefined ? (
        <p class="answer">
          Nothing that has a price was measured at {target} tok/s per user. Lower the speed, or give a price.
        </p>
      ) : (
        <p class="answer">
          At {target} tok/s per user ({values.stat}), <strong>{first.hw}</strong> is the cheapest:{' '}
          <strong>
            {usd(first.usd)} per million {of}tokens
          </strong>
          {first.range && ` (${usd(first.range[0])}–${usd(first.range[1])})`}, with {enginesOf(first)}.
          {second && ` ${secondSentence(first, second)}`}
        </p>
      )}
      {ranking.outOfReach.length > 0 && (
        <p class="quiet">Never measured this fast, so not guessed: {ranking.outOfReach.join(', ')}.</p>
      )}
      {ranking.withoutPrice.length > 0 && (
        <p class="quiet">
          Without a price{values.kwh ? ' or a known power' : ''}: {ranking.withoutPrice.join(', ')}.
        </p>
      )}
      {ranking.withoutFigures > 0 && (
        <p class="quiet">
          {plural(ranking.withoutFigures, 'point')} without this speed or throughput left out.
        </p>
      )}
    </div>
  );
}

function secondSentence(first: CostAnswer, second: CostAnswer): string {
  const overlap = (first.range?.[1] ?? first.usd) >= (second.range?.[0] ?? second.usd);
  return overlap
    ? `${second.hw} may be as cheap: the ranges overlap.`
    : `${second.hw} costs ${(second.usd / first.usd).toFixed(2)}× as much.`;
}

function enginesOf({ points }: CostAnswer): string {
  return [...new Set(points.map(({ series }) => seriesName(series)))].join(' and ');
}
