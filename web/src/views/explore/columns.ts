import type { AxesOf, Dot, PlotSeries } from '../../charts/frontier/plot-series.ts';
import { arrivalAt, arrivalWords } from '../../data/arrival-words.ts';
import { metricOf } from '../../data/points.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, percent } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';

/** A dot as a row of figures. */
export interface DotRow {
  readonly dot: Dot;
  readonly name: string;
}

export function rowsOf(shown: readonly PlotSeries[]): DotRow[] {
  return shown.flatMap(({ name, dots }) => dots.map((dot) => ({ dot, name })));
}

/** The figures of the chart: the identity of each point, the two measures with their intervals, and the usual ones. */
export function dotColumns({ x, y }: AxesOf): FigureColumn<DotRow>[] {
  const text = (key: string, header: string, value: (row: DotRow) => string): FigureColumn<DotRow> => ({
    key,
    header,
    value,
  });
  const number = (
    key: string,
    header: string,
    value: (row: DotRow) => number | null,
  ): FigureColumn<DotRow> => ({
    key,
    header,
    value,
    numeric: true,
  });
  return [
    {
      ...text('series', 'Series', ({ name }) => name),
      href: ({ dot }) => hashOf('point', { id: dot.point.id }),
    },
    number('conc', 'Concurrency', ({ dot }) => dot.point.conc),
    text('layout', 'Layout', ({ dot }) => dot.point.layout),
    number('gpus', 'GPUs', ({ dot }) => dot.point.gpus.total),
    number(`${y.key} (${y.unit})`, `${y.label} (${y.unit})`, ({ dot }) => dot.y),
    ...(y.role === undefined
      ? []
      : [text('per', 'Per', ({ dot }) => (dot.point.series.disagg ? `${y.role} GPU` : 'GPU'))]),
    number(`${y.key} ci low`, `${percent(0.95)} low`, ({ dot }) => dot.yInterval?.[0] ?? null),
    number(`${y.key} ci high`, `${percent(0.95)} high`, ({ dot }) => dot.yInterval?.[1] ?? null),
    number(`${x.key} (${x.unit})`, `${x.label} (${x.unit})`, ({ dot }) => dot.x),
    number(`${x.key} ci low`, `${percent(0.95)} low`, ({ dot }) => dot.xInterval?.[0] ?? null),
    number(`${x.key} ci high`, `${percent(0.95)} high`, ({ dot }) => dot.xInterval?.[1] ?? null),
    number('median_ttft_ms', 'Median TTFT (ms)', ({ dot }) => metricOf(dot.point, 'medianTtftMs')),
    number('p99_ttft_ms', 'p99 TTFT (ms)', ({ dot }) => metricOf(dot.point, 'p99TtftMs')),
    number('median_tpot_ms', 'Median TPOT (ms)', ({ dot }) => metricOf(dot.point, 'medianTpotMs')),
    number('median_itl_ms', 'Median ITL (ms)', ({ dot }) => metricOf(dot.point, 'medianItlMs')),
    number('p99_itl_ms', 'p99 ITL (ms)', ({ dot }) => metricOf(dot.point, 'p99ItlMs')),
    text('frontier', 'Frontier', ({ dot }) => (dot.onFrontier ? 'yes' : 'no')),
    text('arrival', 'Arrival', ({ dot }) => arrivalWords(arrivalAt(dot.point))),
    text('verdict', 'Timing', ({ dot }) => dot.point.verdict),
    {
      ...text('measured_at', 'Measured', ({ dot }) => new Date(dot.point.measuredAtS * 1000).toISOString()),
      show: ({ dot }) => day(dot.point.measuredAtS),
    },
    text('image', 'Image', ({ dot }) => dot.point.image),
    {
      ...text('run', 'Run', ({ dot }) => dot.point.run),
      href: ({ dot }) => hashOf('runs', { id: dot.point.run }),
    },
    { ...text('id', 'Id', ({ dot }) => dot.point.id), show: ({ dot }) => dot.point.id.slice(0, 12) },
  ];
}
