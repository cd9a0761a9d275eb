import type { DatedCandidate } from './best-over-time.ts';
import { type AnswerCandidate, serverKey } from './candidate.ts';
import type { MetricName } from './metrics.ts';
import type { PublishedVerdict } from './verdicts.ts';

/** Points in columns, the format of documents: the i-th element of every list belongs to the same point. */
export interface Columns {
  readonly ids: readonly string[];
  readonly series: readonly number[];
  readonly layouts: readonly number[];
  readonly images: readonly number[];
  readonly runs: readonly number[];
  /** Unix time in seconds. */
  readonly measuredAtS: readonly number[];
  readonly conc: readonly number[];
  readonly verdicts: readonly PublishedVerdict[];
  readonly gpus: readonly (readonly [total: number, input: number, output: number])[];
  /** Indexes into the document's `versions`; null for points of other tools and for unknown versions. */
  readonly versions: readonly (number | null)[];
  readonly fields?: Readonly<
    Record<string, { readonly values: readonly string[]; readonly of: readonly (number | null)[] }>
  >;
  readonly metrics: Readonly<Record<MetricName, readonly (number | null)[]>>;
  readonly intervals: Readonly<
    Partial<Record<MetricName, readonly (readonly [low: number, high: number] | null)[]>>
  >;
}

/** A document with columns, and the tables that their indexes refer to. */
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
  /** Unix time in seconds. */
  readonly measuredAtS: number;
  readonly conc: number;
  readonly verdict: PublishedVerdict;
  /** The InferenceMAX version that measured it. */
  readonly version: string | null;
  readonly gpus: { readonly total: number; readonly input: number; readonly output: number };
  /** Its other fields by name, besides those of its series and layout. */
  readonly fields: Readonly<Record<string, string>>;
  readonly columns: Columns;
  /** The index of its figures in the columns. */
  readonly index: number;
}

/** The points of a document with columns, as objects. */
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

/** A figure of a point; null if it was not measured. */
export function metricOf({ columns, index }: Figured, name: MetricName): number | null {
  return columns.metrics[name][index] ?? null;
}

/** The 95 % confidence interval of a figure; null if there is none. */
export function intervalOf(
  { columns, index }: Figured,
  name: MetricName,
): readonly [low: number, high: number] | null {
  return columns.intervals[name]?.[index] ?? null;
}

/** The fields of a point that an answer shows. */
export interface PointOfAnswer<Series>
  extends Pick<AnswerCandidate, 'id' | 'hw' | 'conc' | 'precision' | 'gpus' | 'verdict' | 'measuredAtS'> {
  readonly point: Pick<PointInColumns<Series>, 'series' | 'layout'>;
}

/** A published point as a candidate for answers. */
export interface CandidateInColumns<Series> extends DatedCandidate, PointOfAnswer<Series> {
  readonly point: PointInColumns<Series>;
}

/** The fields of a series that answers need. */
interface SeriesAsked {
  readonly key: string;
  readonly hw: string;
  readonly precision: string;
}

/** Converts a point of a document into a candidate for answers. */
export function candidateOf<Series extends SeriesAsked>(
  point: PointInColumns<Series>,
): CandidateInColumns<Series> {
  const { id, series, conc, gpus, verdict, measuredAtS, version, layout, fields, image, run } = point;
  return {
    id,
    hw: series.hw,
    precision: series.precision,
    conc,
    gpus,
    verdict,
    measuredAtS,
    version,
    point,
    // A getter, because only comparisons across days need it.
    get configuration() {
      return configurationOf(point);
    },
    server: serverKey([series.key, layout, JSON.stringify(fields)], { image, run }),
    metric: (name) => metricOf(point, name),
    interval: (name) => intervalOf(point, name),
  };
}

/**
 * The requested configuration of a point. A later point with the same one is a re-measurement, even with
 * another image.
 */
export function configurationOf<Series extends Pick<SeriesAsked, 'key'>>({
  series,
  layout,
  fields,
  conc,
}: Pick<PointInColumns<Series>, 'series' | 'layout' | 'fields' | 'conc'>): string {
  return JSON.stringify([series.key, layout, fields, conc]);
}
