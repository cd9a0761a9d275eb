import { accuracyOf, toleratedLoss } from '../../../../src/derived/accuracy.ts';
import { decimals, percent, plural, quantity } from '../../parts/format.ts';
import type { ScoredConfiguration } from './scores.ts';

/** The result of one task in a sentence or two: which configurations are significantly worse, and the lowest one. */
export function findingOf(scores: readonly ScoredConfiguration[], name: string): string {
  const all = scores.map((score) => score.eval);
  const judged = scores.map((score) => ({ score, accuracy: accuracyOf([score.eval], all) }));
  const [first] = judged;
  const lowest = scores.at(-1);
  if (first === undefined || lowest === undefined || first.accuracy.state === 'unknown') return '';
  const { reference } = first.accuracy;
  const failed = judged.filter(({ accuracy }) => accuracy.state === 'failed');
  const below = scores.filter(({ interval }) => interval !== null && interval[1] < reference);
  const tolerance = `${quantity(decimals(100 * toleratedLoss, 0), 'points')} below the median of ${percent(reference)}`;
  const verdict =
    failed.length === 0
      ? `None of the ${plural(scores.length, 'configuration')} of ${name} is significantly more than ${tolerance}.`
      : `${failed.map(({ score }) => score.name).join('; ')}: significantly more than ${tolerance}.`;
  const range =
    lowest.interval === null ? '' : ` (${percent(lowest.interval[0])} to ${percent(lowest.interval[1])})`;
  // One in forty intervals lies below the median by chance alone.
  const byChance = Math.ceil(scores.length / 40);
  const chance =
    below.length === 0
      ? 'no interval lies entirely below the median'
      : below.length <= byChance
        ? `${below.length} of ${plural(scores.length, 'interval')} ${below.length === 1 ? 'lies' : 'lie'} below the median, as chance alone would explain`
        : `${below.length} of ${plural(scores.length, 'interval')} lie below the median, more than the ${byChance} that chance would explain`;
  // Several of one server are a pattern, whatever their number.
  const servers = Map.groupBy(below, ({ eval: { hw, framework, precision } }) =>
    [hw, framework, precision].join(),
  );
  const alike = [...servers.values()].find((group) => group.length > 1);
  const pattern =
    alike === undefined
      ? ''
      : `, but ${alike.length === below.length ? 'all' : alike.length} of them are of the same hardware, engine and precision (${alike.map((one) => one.name).join('; ')})`;
  return `${verdict} The lowest is ${lowest.name}, with ${percent(lowest.eval.score)}${range}; ${chance}${pattern}.`;
}
