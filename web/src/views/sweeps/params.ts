import { type ParamValues, text } from '../../state/params.ts';

/** Which runs are listed; the question's model is another choice, which all views share. Empty is any. */
export const sweepsParams = {
  runmodel: text(),
  hw: text(),
  engine: text(),
  from: text(),
};

export type SweepsValues = ParamValues<typeof sweepsParams>;
