import { xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import {
  type ChartFilterName,
  chartFilterFields,
  type FacetName,
  facetFields,
} from '../../../../src/identity/spelling.ts';
import { flag, oneOf, type ParamValues, text, words, zoom } from '../../state/params.ts';

/** What points are chosen by. No precision chosen: the one with the most points; `all`: all of them. */
const facetParams = Object.fromEntries(facetFields.map(({ name }) => [name, words])) as Record<
  FacetName,
  typeof words
>;

/** What charts are chosen by beside the shape, such as the scenario; empty for any. */
const chartParams = Object.fromEntries(chartFilterFields.map(({ name }) => [name, text()])) as Record<
  ChartFilterName,
  ReturnType<typeof text>
>;

/** Everything the explore view can be asked for; all of it is in its address. */
export const exploreParams = {
  model: text(),
  ...chartParams,
  /** `ISL/OSL`, and what else tells one chart of a model from another. */
  shape: text(),
  y: oneOf(
    yMeasures.map(({ key }) => key),
    'total-tput',
  ),
  x: oneOf(
    xMeasures.map(({ key }) => key),
    'median-interactivity',
  ),
  ...facetParams,
  disagg: oneOf(['any', 'no', 'yes'], 'any'),
  nodes: oneOf(['any', 'one', 'many'], 'any'),
  /** A day or a run; empty for the latest. */
  when: text(),
  /** What to compare with: a day or a run; empty for nothing. */
  compare: text(),
  /** Keys of series that the legend hides. */
  hide: words,
  show: oneOf(['all', 'frontier'], 'all'),
  logx: flag,
  logy: flag,
  zoom,
  /** Ids of points that stay marked. */
  pin: words,
};

/** Input tokens are read against the time to the first token (contract §8), unless something else was chosen. */
export function withY(y: ExploreValues['y'], x: ExploreValues['x']): Partial<ExploreValues> {
  return y.startsWith('input-') && x === 'median-interactivity' ? { y, x: 'p99-ttft' } : { y };
}

export type ExploreValues = ParamValues<typeof exploreParams>;
