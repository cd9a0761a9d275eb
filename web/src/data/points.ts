import type { PublishedVerdict } from '../../../src/derived/verdicts.ts';
import { rowFields } from '../../../src/identity/spelling.ts';
import type { ColumnsDocument, MetricName, PointColumns, Series } from '../../../src/server/api.ts';

/** One measured point of a document of columns. */
export interface PublishedPoint {
  readonly id: string;
  readonly series: Series;
  readonly layout: string;
  readonly image: string;
  readonly run: string;
  /** Seconds since 1970. */
  readonly measuredAtS: number;
  readonly conc: number;
  readonly verdict: PublishedVerdict;
  readonly gpus: { readonly total: number; readonly input: number; readonly output: number };
  /** What it has besides its series and layout, by name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly columns: PointColumns;
  /** Where its figures are in the columns. */
  readonly index: number;
}

const made = new WeakMap<ColumnsDocument, readonly PublishedPoint[]>();

/** The points of a document; the same document gives the same ones, whoever asks. */
export function pointsOf(document: ColumnsDocument): readonly PublishedPoint[] {
  const points = made.get(document) ?? pointsIn(document);
  made.set(document, points);
  return points;
}

function pointsIn({ series, layouts, images, runs, points }: ColumnsDocument): PublishedPoint[] {
  return points.ids.flatMap((id, index) => {
    const of = series[points.series[index] ?? -1];
    if (of === undefined) return [];
    const [total, input, output] = points.gpus[index] ?? [1, 1, 1];
    return {
      id,
      series: of,
      layout: layouts[points.layouts[index] ?? -1] ?? '',
      image: images[points.images[index] ?? -1] ?? '',
      run: runs[points.runs[index] ?? -1] ?? '',
      measuredAtS: points.measuredAtS[index] ?? 0,
      conc: points.conc[index] ?? 0,
      verdict: points.verdicts[index] ?? 'suspect',
      gpus: { total, input, output },
      fields: fieldsAt(points, index),
      columns: points,
      index,
    };
  });
}

const noFields = {};

function fieldsAt({ fields }: PointColumns, index: number): Readonly<Record<string, string>> {
  if (fields === undefined) return noFields;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { values, of }]) => {
      const value = values[of[index] ?? -1];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A figure of a point, null where it was not measured. */
export function metricOf({ columns, index }: PublishedPoint, name: MetricName): number | null {
  return columns.metrics[name]?.[index] ?? null;
}

/** The 95 % confidence interval of a figure, null where there is none. */
export function intervalOf(
  { columns, index }: PublishedPoint,
  name: MetricName,
): readonly [number, number] | null {
  return columns.intervals[name]?.[index] ?? null;
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

/** What a series has of the fields that January's contract does not have. */
export function laterWords(series: Series): string[] {
  const values: Readonly<Record<string, unknown>> = series;
  return laterFields.flatMap(({ api, label }) =>
    values[api] === undefined ? [] : [`${label.toLowerCase()} ${values[api]}`],
  );
}

/** Fields that January's contract does not have: what is at its default does not say so. */
const laterFields = rowFields.filter(({ line }) => line.optional === true);

interface Shape {
  readonly isl: number;
  readonly osl: number;
}

/** A shape in words, such as `1k in / 8k out`; what else tells its chart from others follows. */
export function shapeName(shape: Shape): string {
  const tokens = (count: number) =>
    count >= 1024 && count % 1024 === 0 ? `${count / 1024}k` : String(count);
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
