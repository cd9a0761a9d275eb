import { metricNames } from '../../../src/derived/metrics.ts';
import type { ColumnsDocument, MetricName, Series } from '../../../src/server/api.ts';
import { type PublishedPoint, pointsOf } from '../data/points.ts';

/** What a test specifies of a point; the rest has default values. */
export interface TestPoint {
  readonly hw?: string;
  readonly gpu?: string | null;
  readonly framework?: string;
  readonly precision?: string;
  readonly layout?: string;
  readonly conc?: number;
  readonly measuredAtS?: number;
  readonly version?: string;
  readonly gpus?: readonly [number, number, number];
  readonly metrics?: Partial<Record<MetricName, number>>;
  readonly intervals?: Partial<Record<MetricName, [number, number]>>;
}

/** Points as a document of columns carries them. */
export function testPoints(wanted: readonly TestPoint[]): readonly PublishedPoint[] {
  const series: Series[] = wanted.map(
    ({ hw = 'h200', gpu = hw, framework = 'sglang', precision = 'fp8' }) => ({
      key: `${hw}_${framework}_${precision}`,
      hw,
      gpu,
      framework,
      precision,
      specDecoding: 'none',
      disagg: false,
      multinode: false,
    }),
  );
  const document: ColumnsDocument = {
    series,
    layouts: wanted.map(({ layout = 'TP8 EP1' }) => layout),
    images: ['image:1'],
    runs: ['run-1'],
    versions: wanted.map(({ version = '0.2.0' }) => version),
    origins: [{ source: 'run', mark: null }],
    points: {
      ids: wanted.map((_, index) => `point-${index}`),
      series: wanted.map((_, index) => index),
      layouts: wanted.map((_, index) => index),
      images: wanted.map(() => 0),
      runs: wanted.map(() => 0),
      versions: wanted.map((_, index) => index),
      measuredAtS: wanted.map(({ measuredAtS = 0 }) => measuredAtS),
      conc: wanted.map(({ conc = 1 }) => conc),
      verdicts: wanted.map(() => 'checked'),
      gpus: wanted.map(({ gpus: [all, prefill, decode] = [8, 8, 8] }) => [all, prefill, decode]),
      metrics: columns((name) => wanted.map(({ metrics }) => metrics?.[name] ?? null)),
      intervals: columns((name) => wanted.map(({ intervals }) => intervals?.[name] ?? null)),
    },
  };
  return pointsOf(document);
}

function columns<Value>(column: (name: MetricName) => Value): Record<MetricName, Value> {
  return Object.fromEntries(metricNames.map((name) => [name, column(name)])) as Record<MetricName, Value>;
}
