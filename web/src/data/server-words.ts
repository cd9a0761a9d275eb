import type { Series } from '../../../src/server/api.ts';
import type { Names } from './names-in.ts';
import { laterWords } from './points.ts';

/** How a server is built, in words: `TensorRT-LLM via Dynamo, FP4, MTP, disaggregated`. */
export function serverWords(series: Series, names: Names): string {
  const { framework, precision, specDecoding, disagg } = series;
  return [
    names.engine(framework),
    precision.toUpperCase(),
    ...(specDecoding === 'none' ? [] : [specDecoding.toUpperCase()]),
    ...(disagg ? ['disaggregated'] : []),
    ...laterWords(series),
  ].join(', ');
}

/** A series in words: `B200 (HGX): TensorRT-LLM, FP4, MTP`. */
export function seriesTitle(series: Series, names: Names): string {
  return `${names.hardware(series.hw)}: ${serverWords(series, names)}`;
}
