import { xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import { oneOf, text } from '../../state/params.ts';
import { questionParams } from '../../state/question.ts';

/** Measures that can be shown over time: those of a chart's axes. */
export const historyMeasures = [...yMeasures, ...xMeasures];

export const historyParams = {
  model: text(),
  shape: text(),
  /** Key of a series; by default the one with the most measurements. */
  series: text(),
  constants: questionParams.constants,
  measure: oneOf(
    historyMeasures.map(({ key }) => key),
    'total-tput',
  ),
  /** Layout and concurrency, as `LAYOUT @ CONC`; by default the one measured most often. */
  config: text(),
};
