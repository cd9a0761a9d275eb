import { text } from '../../state/params.ts';

export const accuracyParams = {
  /** As the evaluation names it; the one with the most scores where none is chosen. */
  model: text(),
  task: text(),
  /** The shape whose speed stands beside the scores: `ISL/OSL`. */
  shape: text(),
};
