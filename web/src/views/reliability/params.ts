import { text } from '../../state/params.ts';

export const reliabilityParams = {
  /** Length of the period in days, or `all`; by default the longest one that is the same for all. */
  period: text(),
};
