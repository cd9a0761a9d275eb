import { defaultPayer, payers } from '../../../../src/derived/cost.ts';
import { number, oneOf, text } from '../../state/params.ts';

export const overviewParams = {
  /** Only this model; empty for all. */
  model: text(),
  /** tok/s/user; a middle level there is where none is asked for. */
  level: number({ min: 0, max: 1e6 }),
  by: oneOf(['throughput', 'cost', 'power'], 'throughput'),
  payer: oneOf(payers, defaultPayer),
};
