import { xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import { oneOf, text } from '../../state/params.ts';

/** What can be followed over time: everything that a chart's axes can show. */
export const historyMeasures = [...yMeasures, ...xMeasures];

export const historyParams = {
  model: text(),
  shape: text(),
  /** Key of a series; the one with the most measurements where none is chosen. */
  series: text(),
  measure: oneOf(
    historyMeasures.map(({ key }) => key),
    'total-tput',
  ),
  /** Layout and concurrency, as `LAYOUT @ CONC`; the one measured most often where none is chosen. */
  config: text(),
};
