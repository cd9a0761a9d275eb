import { z } from 'zod';
import { meanOf, sumOf } from '../figures.ts';
import { numberOf } from '../records.ts';

const seriesSchema = z.looseObject({
  endpoint_url: z.unknown().optional(),
  labels: z.record(z.string(), z.unknown()).optional().catch(undefined),
  stats: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const exportSchema = z.looseObject({ metrics: z.record(z.string(), z.unknown()) });
const metricSchema = z.looseObject({ series: z.array(z.unknown()) });

/** A time series of a metric over the run, by its statistics. */
export type MetricSeries = z.infer<typeof seriesSchema>;
export type SeriesFilter = (series: MetricSeries) => boolean;

/** Which statistic of a series is taken: the first that it has. */
const ofCounter = ['total', 'sum', 'max', 'avg'];
const ofGauge = ['max', 'avg', 'total'];
const ofAverage = ['avg', 'max', 'total'];
const ofSize = ['max', 'avg', 'total', 'sum'];

/** The metrics of a server over a run, from `server_metrics_export.json`. */
export class ExportedMetrics {
  readonly #metrics: ReadonlyMap<string, readonly MetricSeries[]>;

  constructor(exported: unknown) {
    const metrics = exportSchema.safeParse(exported).data?.metrics ?? {};
    this.#metrics = new Map(Object.entries(metrics).map(([name, metric]) => [name, seriesOf(metric)]));
  }

  get names(): readonly string[] {
    return [...this.#metrics.keys()];
  }

  series(...names: readonly string[]): readonly MetricSeries[] {
    return names.flatMap((name) => this.#metrics.get(name) ?? []);
  }

  /** The sum of counters over all series; null if there are none. */
  total(names: string | readonly string[], filter?: SeriesFilter): number | null {
    return this.#combined([names].flat(), { statistics: ofCounter, filter, combine: sumOf });
  }

  /** The highest value of a gauge. */
  highest(names: string | readonly string[], filter?: SeriesFilter): number | null {
    return this.#combined([names].flat(), {
      statistics: ofGauge,
      filter,
      combine: (values) => Math.max(...values),
    });
  }

  average(name: string): number | null {
    return this.#combined([name], { statistics: ofAverage, filter: undefined, combine: meanOf });
  }

  /** The sum of sizes that each series reports. */
  size(name: string): number | null {
    return this.#combined([name], { statistics: ofSize, filter: undefined, combine: sumOf });
  }

  /** A counter by the value of a label. */
  totals(name: string, label: string): Readonly<Record<string, number>> {
    const totals = new Map<string, number>();
    for (const one of this.series(name)) {
      const [key, value] = [labelOf(one, label), statisticOf(one, ofCounter)];
      if (key !== undefined && value !== null) totals.set(key, (totals.get(key) ?? 0) + value);
    }
    return Object.fromEntries(totals);
  }

  #combined(
    names: readonly string[],
    how: {
      readonly statistics: readonly string[];
      readonly filter: SeriesFilter | undefined;
      readonly combine: (values: readonly number[]) => number;
    },
  ): number | null {
    const values = this.series(...names)
      .filter((one) => how.filter?.(one) ?? true)
      .flatMap((one) => statisticOf(one, how.statistics) ?? []);
    return values.length === 0 ? null : how.combine(values);
  }
}

function seriesOf(metric: unknown): readonly MetricSeries[] {
  const { series = [] } = metricSchema.safeParse(metric).data ?? {};
  return series.flatMap((one): readonly MetricSeries[] => {
    const parsed = seriesSchema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}

function statisticOf({ stats }: MetricSeries, names: readonly string[]): number | null {
  const values = names.map((name) => numberOf(stats?.[name]));
  return values.find((value) => value !== null) ?? null;
}

export function labelOf({ labels }: MetricSeries, label: string): string | undefined {
  const value = labels?.[label] ?? undefined;
  return value === undefined ? undefined : String(value);
}

/** A share that some engines report in per cent. */
export function shareOf(value: number | null): number | null {
  return value !== null && value > 1.5 ? value / 100 : value;
}
