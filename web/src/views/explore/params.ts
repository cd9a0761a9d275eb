import { e2eInteractivityMeasure, xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import { type FacetName, facetFields } from '../../../../src/identity/spelling.ts';
import { hasSessions } from '../../data/scenario-words.ts';
import { flag, oneOf, type ParamValues, text, words, zoom } from '../../state/params.ts';
import { questionParams } from '../../state/question.ts';

/** Filters of points, besides those of the question. */
const facetParams = Object.fromEntries(facetFields.map(({ name }) => [name, words])) as Record<
  FacetName,
  typeof words
>;

/** All choices of the explore view; all are in its address. */
export const exploreParams = {
  ...questionParams,
  y: oneOf(
    yMeasures.map(({ key }) => key),
    'total-tput',
  ),
  /** `usual` is the axis of the shape's scenario. */
  x: oneOf(['usual', ...xMeasures.map(({ key }) => key)], 'usual'),
  ...facetParams,
  disagg: oneOf(['any', 'no', 'yes'], 'any'),
  nodes: oneOf(['any', 'one', 'many'], 'any'),
  /** A day or a run; empty for the latest. */
  when: text(),
  /** What to compare with: a day or a run; empty for no comparison. */
  compare: text(),
  /** Keys of series that the legend hides. */
  hide: words,
  show: oneOf(['all', 'frontier'], 'all'),
  /** Axes are logarithmic, because ratios matter, unless this is set. */
  linx: flag,
  liny: flag,
  /** Hardware that is unfolded into its engines. */
  open: words,
  zoom,
  /** Ids of points that stay marked. */
  pin: words,
};

/** Sessions of coding agents are compared by the speed of whole requests (contract F7), other load by the speed of tokens. */
export function usualX(shape: object): string {
  return hasSessions(shape) ? sessionMeasure : 'median-interactivity';
}

/** The measure whose frontier decides which points of sessions are shown. */
export const sessionMeasure = e2eInteractivityMeasure('p90').key;

/** Input tokens are read against the time to the first token (contract §8), unless something else was chosen. */
export function withY(y: ExploreValues['y'], x: ExploreValues['x']): Partial<ExploreValues> {
  return y.startsWith('input-') && x === 'median-interactivity' ? { y, x: 'p99-ttft' } : { y };
}

export type ExploreValues = ParamValues<typeof exploreParams>;
