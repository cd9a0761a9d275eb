import { useMemo } from 'preact/hooks';
import { hypervolume } from '../../../../src/derived/hypervolume.ts';
import { configurationOf } from '../../charts/frontier/arrows.tsx';
import type { AxesOf, Dot, PlotSeries } from '../../charts/frontier/plot-series.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { signedPercent } from '../../parts/format.ts';
import type { ExploreValues } from './params.ts';

interface ComparisonProps {
  readonly axes: AxesOf;
  readonly before: readonly PlotSeries[];
  readonly after: readonly PlotSeries[];
  readonly values: ExploreValues;
}

interface Compared {
  readonly name: string;
  /** Configurations measured both times. */
  readonly common: number;
  /** Shares, null if they have nothing in common. */
  readonly medianChange: number | null;
  readonly areaChange: number | null;
}

/** The arrows of the chart as numbers. */
export function Comparison({ axes, before, after, values }: ComparisonProps) {
  const rows = useMemo(() => comparedSeries(axes, before, after), [axes, before, after]);
  const columns = useMemo(() => comparisonColumns(axes), [axes]);
  return (
    <section class="card">
      <h2>What changed since {values.compare}</h2>
      <p class="quiet">
        The change of {axes.y.label.toLowerCase()} is the median over configurations measured both times. The
        frontier’s change is that of the area it covers, so it counts both axes.
      </p>
      <DataTable caption="Changes by series" columns={columns} rows={rows} />
    </section>
  );
}

export function comparedSeries(
  axes: AxesOf,
  before: readonly PlotSeries[],
  after: readonly PlotSeries[],
): Compared[] {
  return after.map((series) => {
    const then = before.find(({ key }) => key === series.key);
    const known = new Map(then?.dots.map((dot) => [configurationOf(dot), dot]));
    const changes = series.dots.flatMap((dot) => {
      const from = known.get(configurationOf(dot));
      return from === undefined || from.y === 0 ? [] : dot.y / from.y - 1;
    });
    return {
      name: series.name,
      common: changes.length,
      medianChange: median(changes),
      areaChange: then === undefined ? null : areaChange(axes, then.dots, series.dots),
    };
  });
}

/** Both areas have the same corner: 0 for an axis where higher is better, else just beyond the worst value. */
function areaChange({ x, y }: AxesOf, before: readonly Dot[], after: readonly Dot[]): number | null {
  const all = [...before, ...after];
  const worst = (better: 'higher' | 'lower', of: (dot: Dot) => number) =>
    better === 'higher' ? 0 : Math.max(...all.map(of)) * 1.1;
  const reference = { x: worst(x.better, (dot) => dot.x), y: worst(y.better, (dot) => dot.y) };
  const better = { x: x.better, y: y.better };
  const [then, now] = [hypervolume(before, reference, better), hypervolume(after, reference, better)];
  return then > 0 ? now / then - 1 : null;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function comparisonColumns({ y }: AxesOf): FigureColumn<Compared>[] {
  const share = (
    key: string,
    header: string,
    value: (row: Compared) => number | null,
  ): FigureColumn<Compared> => ({
    key,
    header,
    numeric: true,
    value,
    show: (row) => {
      const change = value(row);
      return change === null ? '–' : signedPercent(change);
    },
  });
  return [
    { key: 'series', header: 'Series', value: ({ name }) => name },
    { key: 'common', header: 'Configurations in both', numeric: true, value: ({ common }) => common },
    share('median_change', `${y.label}, median change`, ({ medianChange }) => medianChange),
    share('area_change', 'Frontier’s area', ({ areaChange: change }) => change),
  ];
}
