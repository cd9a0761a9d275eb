import { oneOf, type ParamValues } from '../../state/params.ts';
import { questionParams } from '../../state/question.ts';

export const overviewParams = {
  ...questionParams,
  /** The column that the table is sorted by, the best first. */
  by: oneOf(['tput', 'usd', 'kw', 'gpus', 'ttft', 'accuracy', 'age', 'verdict'], 'tput'),
};

export type OverviewValues = ParamValues<typeof overviewParams>;
export type By = OverviewValues['by'];
