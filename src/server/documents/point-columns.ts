import type { z } from 'zod';
import { gpuOf } from '../../derived/hardware-key.ts';
import { type MetricName, metricNames, rowMetrics } from '../../derived/metrics.ts';
import { pathPart } from '../../derived/path-part.ts';
import type { GpuCounts } from '../../derived/throughput.ts';
import {
  type Chart,
  chartOf,
  chartOfRow,
  isAggregated,
  laterFieldsOf,
  laterServedOf,
  layoutName,
  type SeriesIdentity,
  seriesKey,
  seriesOf,
  seriesOfRow,
} from '../../identity/index.ts';
import type { ChartPoint } from '../../store/index.ts';
import { markOf } from '../../store/index.ts';
import { publicName } from '../privacy.ts';
import type { columnsDocument, pointColumns, series, shape } from './columns.ts';

type Row = ChartPoint['row'];
type Series = z.infer<typeof series>;
export type Shape = z.infer<typeof shape>;

/** The GPUs with known constants. */
export type KnownGpus = readonly { readonly gpu: string }[];

/** Adds the key to a chart. */
export function shapeNamed(asked: Chart): Shape {
  const chart = chartOf(asked);
  return {
    key: Object.values(chart)
      .map((value) => pathPart(String(value)))
      .join('_'),
    ...chart,
  };
}

/** The model and shape of a row. */
export function shapeOf(row: Row): Shape {
  return shapeNamed(chartOfRow(row));
}

/** Adds the key to a series. */
export function seriesNamed(asked: SeriesIdentity, gpus: KnownGpus): Series {
  const identity = seriesOf(asked);
  return { key: seriesKey(identity).map(pathPart).join('~'), gpu: gpuNamed(identity.hw, gpus), ...identity };
}

/** The series of a row. */
export function seriesOfPoint(row: Row, gpus: KnownGpus): Series {
  return seriesNamed(seriesOfRow(row), gpus);
}

/** The GPU of a hardware key; null if its constants are unknown. */
export function gpuNamed(hw: string, gpus: KnownGpus): string | null {
  return gpuOf(
    hw,
    gpus.map(({ gpu }) => gpu),
  );
}

/** The GPU counts by which tokens of each kind are divided (contract §5). */
export function gpuCountsOf({ row, gpus }: Pick<ChartPoint, 'row' | 'gpus'>): GpuCounts {
  const own = (count: unknown): number => (row.is_multinode && typeof count === 'number' ? count : gpus);
  if (isAggregated(row)) return { total: gpus, input: gpus, output: gpus };
  return { total: gpus, input: own(row.num_prefill_gpu), output: own(row.num_decode_gpu) };
}

/** Every metric of a point; null if it was not measured or is unknown. */
export function metricsOf(point: ChartPoint): Record<MetricName, number | null> {
  return byMetric(metricNames, (name) => metricOf(point, name));
}

function metricOf({ row, gpus, powerW }: ChartPoint, name: MetricName): number | null {
  if (name === 'measuredPowerPerGpuW') return scaled(powerW, 1 / gpus);
  const [field, factor] = rowMetrics[name];
  const value = row[field];
  return scaled(typeof value === 'number' && Number.isFinite(value) ? value : null, factor);
}

/** The metrics that a point's row contains without a value: measured, but unknown. */
export function unknownMetricsOf({ row }: Pick<ChartPoint, 'row'>): MetricName[] {
  return metricNames.filter((name) => name !== 'measuredPowerPerGpuW' && row[rowMetrics[name][0]] === null);
}

/** Limits as our rows write them; another text could say anything. */
const limitsForm = /^[a-z0-9]+(:p[\d.]+)?<[\d.]+( [a-z0-9]+(:p[\d.]+)?<[\d.]+)*$/;

/** The limits of a point's goodput and SLO attainment; null if it has none. */
export function limitsOf({ row }: Pick<ChartPoint, 'row'>): string | null {
  const { slo_limits: limits } = row;
  return typeof limits === 'string' && limitsForm.test(limits) ? limits : null;
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

const intervalMetrics = [
  ['median_ttft_ms', 'medianTtftMs'],
  ['p99_ttft_ms', 'p99TtftMs'],
  ['median_tpot_ms', 'medianTpotMs'],
  ['p99_tpot_ms', 'p99TpotMs'],
  ['median_e2el_ms', 'medianE2elMs'],
  ['p99_e2el_ms', 'p99E2elMs'],
  ['p50_e2e_norm_intvty', 'medianE2eInteractivity'],
  ['p90_e2e_norm_intvty', 'p90E2eInteractivity'],
] as const;

type Intervals = Partial<Record<MetricName, [low: number, high: number]>>;

/** The confidence intervals of a measurement; that of TPOT also gives that of interactivity, by inversion. */
export function intervalsOf({ confidence95 }: Pick<ChartPoint, 'confidence95'>): Intervals {
  const intervals: Intervals = {};
  for (const [field, metric] of intervalMetrics) {
    const interval = confidence95[field];
    if (interval !== undefined) intervals[metric] = [interval[0], interval[1]];
  }
  for (const statistic of ['median', 'p99'] as const) {
    const [low, high] = intervals[`${statistic}TpotMs`] ?? [0, 0];
    if (low > 0) intervals[`${statistic}Interactivity`] = [1000 / high, 1000 / low];
  }
  return intervals;
}

/** Points in columns, in the given order. */
export function columnsOf(points: readonly ChartPoint[], gpus: KnownGpus): z.infer<typeof columnsDocument> {
  const allSeries = new Dictionary<Series>();
  const layouts = new Dictionary<string>();
  const images = new Dictionary<string>();
  const runs = new Dictionary<string>();
  const versions = new Dictionary<string>();
  const origins = new Dictionary<z.infer<typeof columnsDocument>['origins'][number]>();
  // Cache by configuration: there are many points but few configurations.
  const configurations = new Map<string, { readonly series: number; readonly layout: number }>();
  const configurationOf = ({ configurationId, row }: ChartPoint) => {
    const known = configurations.get(configurationId);
    if (known !== undefined) return known;
    const series = seriesOfPoint(row, gpus);
    const made = { series: allSeries.index(series.key, series), layout: named(layouts, layoutName(row)) };
    configurations.set(configurationId, made);
    return made;
  };
  // Cache by image: the points of a document have few images.
  const publicImages = new Map<string, string>();
  const publicImage = (image: string): string => {
    const name = publicImages.get(image) ?? publicName(image);
    publicImages.set(image, name);
    return name;
  };
  const ofEach = points.map(configurationOf);
  const intervals = points.map(intervalsOf);
  const withIntervals = metricNames.filter((name) => intervals.some((one) => one[name] !== undefined));
  return {
    points: {
      ids: points.map(({ id }) => id),
      series: ofEach.map(({ series }) => series),
      layouts: ofEach.map(({ layout }) => layout),
      images: points.map(({ row }) => named(images, publicImage(row.image))),
      runs: points.map(({ sweepId, source }) => {
        origins.index(sweepId, { source, mark: markOf(source) });
        return named(runs, sweepId);
      }),
      versions: points.map(({ productVersion: version }) =>
        version === null ? null : named(versions, publicName(version)),
      ),
      measuredAtS: points.map(({ measuredAt }) => Date.parse(measuredAt) / 1000),
      conc: points.map(({ row }) => row.conc),
      verdicts: points.map(({ verdict }) => verdict),
      gpus: points.map((point) => {
        const { total, input, output } = gpuCountsOf(point);
        return [total, input, output];
      }),
      ...fieldsIn(points),
      metrics: byMetric(metricNames, (name) => points.map((point) => rounded(metricOf(point, name)))),
      intervals: byMetric(withIntervals, (name) =>
        intervals.map((one): [number, number] | null => {
          const interval = one[name];
          return interval === undefined ? null : [shortened(interval[0]), shortened(interval[1])];
        }),
      ),
    },
    series: allSeries.values,
    layouts: layouts.values,
    images: images.values,
    runs: runs.values,
    versions: versions.values,
    origins: origins.values,
  };
}

/** The additional fields of a point by their API names, with texts reduced to what is public. */
export function publicFieldsOf(row: Row): Record<string, string | number | boolean> {
  return publicTexts(laterFieldsOf(row));
}

/** The same, with the fields of the environment, which do not distinguish points. */
export function publicFieldsOfOne(row: Row): Record<string, string | number | boolean> {
  return { ...publicFieldsOf(row), ...publicTexts(laterServedOf(row)) };
}

function publicTexts(fields: ReturnType<typeof laterFieldsOf>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.split(' ').map(publicName).join(' ') : value,
    ]),
  );
}

/** The fields that some of the points have in addition to series and layout; empty if there are none. */
function fieldsIn(points: readonly ChartPoint[]): Pick<z.infer<typeof pointColumns>, 'fields'> {
  const ofEach = points.map(({ row }) => publicFieldsOf(row));
  const names = new Set(ofEach.flatMap((fields) => Object.keys(fields)));
  if (names.size === 0) return {};
  const columns = [...names].map((name) => {
    const values = new Dictionary<string>();
    const of = ofEach.map((fields) =>
      fields[name] === undefined ? null : named(values, String(fields[name])),
    );
    return [name, { values: values.values, of }];
  });
  return { fields: Object.fromEntries(columns) };
}

function byMetric<Value>(
  names: readonly MetricName[],
  value: (name: MetricName) => Value,
): Record<MetricName, Value> {
  const entries = names.map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries) as Record<MetricName, Value>;
}

function named(names: Dictionary<string>, name: string): number {
  return names.index(name, name);
}

function rounded(value: number | null): number | null {
  return value === null ? null : shortened(value);
}

/** Rounds to seven significant digits, far more precise than any measurement. */
function shortened(value: number): number {
  return Number(value.toPrecision(7));
}

/** Distinct values in order of first use. */
class Dictionary<Value> {
  readonly #indexes = new Map<string, number>();
  readonly values: Value[] = [];

  index(key: string, value: Value): number {
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.values.length);
    this.values.push(value);
    return this.values.length - 1;
  }
}
