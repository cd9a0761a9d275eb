import { type ParamValues, text } from '../../state/params.ts';

/** Filters of the list of runs, apart from the question's model, which all views share. Empty means any. */
export const sweepsParams = {
  runmodel: text(),
  hw: text(),
  engine: text(),
  from: text(),
};

export type SweepsValues = ParamValues<typeof sweepsParams>;
