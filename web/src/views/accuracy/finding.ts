import { accuracyOf, toleratedLoss } from '../../../../src/derived/accuracy.ts';
import { percent, plural } from '../../parts/format.ts';
import type { ScoredConfiguration } from './scores.ts';

/** What the scores of one task say, in a sentence or two: who is surely worse, and how far the lowest one is. */
export function findingOf(scores: readonly ScoredConfiguration[], name: string): string {
  const all = scores.map((score) => score.eval);
  const judged = scores.map((score) => ({ score, accuracy: accuracyOf([score.eval], all) }));
  const [first] = judged;
  const lowest = scores.at(-1);
  if (first === undefined || lowest === undefined || first.accuracy.state === 'unknown') return '';
  const { reference } = first.accuracy;
  const failed = judged.filter(({ accuracy }) => accuracy.state === 'failed');
  const below = scores.filter(({ interval }) => interval !== null && interval[1] < reference);
  const tolerance = `${percent(toleratedLoss, 0)} below the median of ${percent(reference)}`;
  const verdict =
    failed.length === 0
      ? `None of ${plural(scores.length, 'server')} of ${name} is surely more than ${tolerance}.`
      : `${failed.map(({ score }) => score.name).join('; ')}: surely more than ${tolerance}.`;
  const range =
    lowest.interval === null ? '' : ` (${percent(lowest.interval[0])} to ${percent(lowest.interval[1])})`;
  // One in forty intervals lies below the median by chance alone.
  const byChance = Math.ceil(scores.length / 40);
  const chance =
    below.length === 0
      ? 'no interval lies wholly below the median'
      : below.length <= byChance
        ? `${plural(below.length, 'interval')} of ${scores.length} below the median is what chance alone gives`
        : `${plural(below.length, 'interval')} of ${scores.length} lie below the median, more than the ${byChance} that chance gives`;
  return `${verdict} The lowest is ${lowest.name} with ${percent(lowest.eval.score)}${range}; ${chance}.`;
}
