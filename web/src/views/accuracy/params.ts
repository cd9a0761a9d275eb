import { text } from '../../state/params.ts';

export const accuracyParams = {
  /** The evaluation's name of it; by default the one with the most scores. */
  model: text(),
  task: text(),
  /** The shape whose speed is shown next to the scores: `ISL/OSL`. */
  shape: text(),
};
