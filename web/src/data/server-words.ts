import type { Series } from '../../../src/server/api.ts';
import type { Names } from './names.ts';

/** How a server is built, in words: `TensorRT-LLM via Dynamo, FP4, MTP, disaggregated`. */
export function serverWords(series: Series, names: Names): string {
  const { framework, precision, specDecoding, disagg } = series;
  return [
    names.engine(framework),
    precision.toUpperCase(),
    ...(specDecoding === 'none' ? [] : [specDecoding.toUpperCase()]),
    ...(disagg ? ['disaggregated'] : []),
  ].join(', ');
}
