import type { DatedCandidate } from './best-over-time.ts';
import { type AnswerCandidate, serverKey } from './candidate.ts';
import type { MetricName } from './metrics.ts';
import type { PublishedVerdict } from './verdicts.ts';

/** Points in columns, as documents carry them: the i-th element of every list is of the same point. */
export interface Columns {
  readonly ids: readonly string[];
  readonly series: readonly number[];
  readonly layouts: readonly number[];
  readonly images: readonly number[];
  readonly runs: readonly number[];
  /** Seconds since 1970. */
  readonly measuredAtS: readonly number[];
  readonly conc: readonly number[];
  readonly verdicts: readonly PublishedVerdict[];
  readonly gpus: readonly (readonly [total: number, input: number, output: number])[];
  /** Indexes into the document's `versions`; null for points of other tools, and if it is not known. */
  readonly versions: readonly (number | null)[];
  readonly fields?: Readonly<
    Record<string, { readonly values: readonly string[]; readonly of: readonly (number | null)[] }>
  >;
  readonly metrics: Readonly<Record<MetricName, readonly (number | null)[]>>;
  readonly intervals: Readonly<
    Partial<Record<MetricName, readonly (readonly [low: number, high: number] | null)[]>>
  >;
}

/** What a document with columns has: the columns, and what the indexes in them mean. */
export interface InColumns<Series> {
  readonly series: readonly Series[];
  readonly layouts: readonly string[];
  readonly images: readonly string[];
  readonly runs: readonly string[];
  readonly versions: readonly string[];
  readonly points: Columns;
}

/** One measured point of a document with columns. */
export interface PointInColumns<Series> {
  readonly id: string;
  readonly series: Series;
  readonly layout: string;
  readonly image: string;
  readonly run: string;
  /** Seconds since 1970. */
  readonly measuredAtS: number;
  readonly conc: number;
  readonly verdict: PublishedVerdict;
  /** Of InferenceMAX, by which it was measured. */
  readonly version: string | null;
  readonly gpus: { readonly total: number; readonly input: number; readonly output: number };
  /** What it has besides its series and layout, by name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly columns: Columns;
  /** Where its figures are in the columns. */
  readonly index: number;
}

export function pointsIn<Series>(document: InColumns<Series>): PointInColumns<Series>[] {
  const { series, layouts, images, runs, versions, points } = document;
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
      version: versions[points.versions[index] ?? -1] ?? null,
      gpus: { total, input, output },
      fields: fieldsAt(points, index),
      columns: points,
      index,
    };
  });
}

const noFields = {};

function fieldsAt({ fields }: Columns, index: number): Readonly<Record<string, string>> {
  if (fields === undefined) return noFields;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { values, of }]) => {
      const value = values[of[index] ?? -1];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

type Figured = Pick<PointInColumns<unknown>, 'columns' | 'index'>;

/** A figure of a point, null where it was not measured. */
export function metricOf({ columns, index }: Figured, name: MetricName): number | null {
  return columns.metrics[name][index] ?? null;
}

/** The 95 % confidence interval of a figure, null where there is none. */
export function intervalOf(
  { columns, index }: Figured,
  name: MetricName,
): readonly [low: number, high: number] | null {
  return columns.intervals[name]?.[index] ?? null;
}

/** What an answer says of a point that it rests on. */
export interface PointOfAnswer<Series>
  extends Pick<AnswerCandidate, 'id' | 'hw' | 'conc' | 'precision' | 'gpus' | 'verdict' | 'measuredAtS'> {
  readonly point: Pick<PointInColumns<Series>, 'series' | 'layout'>;
}

/** A published point as answers are made of it. */
export interface CandidateInColumns<Series> extends DatedCandidate, PointOfAnswer<Series> {
  readonly point: PointInColumns<Series>;
}

/** What answers must know of a series. */
interface SeriesAsked {
  readonly key: string;
  readonly hw: string;
  readonly precision: string;
}

export function candidateOf<Series extends SeriesAsked>(
  point: PointInColumns<Series>,
): CandidateInColumns<Series> {
  const { id, series, conc, gpus, verdict, measuredAtS, layout, fields, image, run } = point;
  return {
    id,
    hw: series.hw,
    precision: series.precision,
    conc,
    gpus,
    verdict,
    measuredAtS,
    point,
    // Asked for where measurements of several days are told apart, so not worked out for every point.
    get configuration() {
      return configurationOf(point);
    },
    server: serverKey([series.key, layout, JSON.stringify(fields)], { image, run }),
    metric: (name) => metricOf(point, name),
    interval: (name) => intervalOf(point, name),
  };
}

/** What was asked for of a point: whatever has the same is measured anew, whoever built the image. */
export function configurationOf<Series extends Pick<SeriesAsked, 'key'>>({
  series,
  layout,
  fields,
  conc,
}: Pick<PointInColumns<Series>, 'series' | 'layout' | 'fields' | 'conc'>): string {
  return JSON.stringify([series.key, layout, fields, conc]);
}
