import * as derived from '../../../src/derived/points-in-columns.ts';
import { rowFields } from '../../../src/identity/spelling.ts';
import type { ColumnsDocument, Series } from '../../../src/server/api.ts';
import { hasSessions } from './scenario-words.ts';

export { intervalOf, metricOf } from '../../../src/derived/points-in-columns.ts';

/** One measured point of a document of columns. */
export type PublishedPoint = derived.PointInColumns<Series>;

const made = new WeakMap<ColumnsDocument, readonly PublishedPoint[]>();

/** The points of a document; the same document always gives the same objects. */
export function pointsOf(document: ColumnsDocument): readonly PublishedPoint[] {
  const points = made.get(document) ?? derived.pointsIn(document);
  made.set(document, points);
  return points;
}

/** A series in words, such as `h200 · sglang · fp8 · mtp`. */
export function seriesName(series: Series, engine = (framework: string) => framework): string {
  return seriesParts({ ...series, framework: engine(series.framework) }).join(' · ');
}

export function seriesParts(series: Series): string[] {
  const { hw, framework, precision, specDecoding, disagg } = series;
  return [
    hw,
    framework,
    precision,
    ...(specDecoding === 'none' ? [] : [specDecoding]),
    ...(disagg && !/disagg/.test(hw) ? ['disagg'] : []),
    ...laterWords(series),
  ];
}

/** The fields of a series that January's contract does not have. */
export function laterWords(series: Series): string[] {
  const values: Readonly<Record<string, unknown>> = series;
  return laterFields.flatMap(({ api, label }) =>
    values[api] === undefined ? [] : [`${label.toLowerCase()} ${values[api]}`],
  );
}

/** Fields that January's contract does not have; defaults are not shown. */
const laterFields = rowFields.filter(({ line }) => line.optional === true);

interface Shape {
  readonly isl: number;
  readonly osl: number;
}

/** A shape in words, such as `1k in / 8k out`; followed by what else distinguishes its chart. */
export function shapeName(shape: Shape): string {
  const tokens = (count: number) =>
    count >= 1024 && count % 1024 === 0 ? `${count / 1024}k` : String(count);
  if (hasSessions(shape)) {
    const [, ...more] = moreOfChart(shape);
    return [`coding agents, up to ${tokens(shape.isl)} tokens`, ...more].join(', ');
  }
  return [`${tokens(shape.isl)} in / ${tokens(shape.osl)} out`, ...moreOfChart(shape)].join(', ');
}

/** A shape in an address, such as `1024/8192`. */
export function shapeAddress(shape: Shape): string {
  return [shape.isl, shape.osl, ...moreOfChart(shape)].join('/');
}

function moreOfChart(shape: Shape): string[] {
  const values: Readonly<Record<string, unknown>> = { ...shape };
  return laterFields.flatMap(({ api, line }) =>
    line.part !== 'chart' || values[api] === undefined ? [] : [String(values[api])],
  );
}
