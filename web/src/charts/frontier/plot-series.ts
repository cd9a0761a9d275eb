import { paretoFrontier } from '../../../../src/derived/frontier.ts';
import type { Measure } from '../../../../src/derived/measures.ts';
import type { Series } from '../../../../src/server/api.ts';
import { type Gpus, measuredPoint, measureInterval } from '../../data/measured.ts';
import { type PublishedPoint, seriesName, seriesParts } from '../../data/points.ts';
import { type EngineMarkers, engineShape, precisionDash } from '../../theme/engine-shapes.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import type { Mode } from '../../theme/tokens.ts';
import type { Look } from '../marks.ts';

type Interval = readonly [number, number] | null;

/** A point where the chart's two measures put it. */
export interface Dot {
  readonly point: PublishedPoint;
  readonly x: number;
  readonly y: number;
  readonly xInterval: Interval;
  readonly yInterval: Interval;
  readonly onFrontier: boolean;
}

export interface PlotSeries {
  readonly key: string;
  readonly name: string;
  /** The name without what every series of the chart has in common. */
  readonly shortName: string;
  readonly series: Series;
  readonly look: Look;
  /** By x. */
  readonly dots: readonly Dot[];
  readonly frontier: readonly Dot[];
  /** Points that have both measures, also those that are not shown. */
  readonly placed: number;
}

export interface AxesOf {
  readonly x: Measure;
  readonly y: Measure;
}

/** What the looks of all series depend on. */
export interface Appearance {
  readonly mode: Mode;
  readonly markers: EngineMarkers;
}

export function lookOf(series: Series, { mode, markers }: Appearance): Look {
  return {
    colour: hardwareColour(series.hw, mode),
    marker: engineShape(series.framework, markers),
    dash: precisionDash(series.precision),
  };
}

/** What a chart draws: of every series its points that have both measures, and their Pareto frontier. */
export function plotSeriesOf(
  points: readonly PublishedPoint[],
  axes: AxesOf,
  gpus: Gpus,
  appearance: Appearance,
): PlotSeries[] {
  const groups = Map.groupBy(points, ({ series }) => series.key);
  const short = shortNames([...groups.values()].flatMap(([first]) => first?.series ?? []));
  return [...groups].flatMap(([key, members]) => {
    const series = members[0]?.series;
    if (series === undefined) return [];
    const { dots, frontier } = placed(members, axes, gpus);
    return dots.length === 0
      ? []
      : {
          key,
          name: seriesName(series),
          shortName: short.get(key) ?? key,
          series,
          look: lookOf(series, appearance),
          dots,
          frontier,
          placed: dots.length,
        };
  });
}

function placed(
  points: readonly PublishedPoint[],
  { x, y }: AxesOf,
  gpus: Gpus,
): Pick<PlotSeries, 'dots' | 'frontier'> {
  const positions = points.flatMap((point) => {
    const measured = measuredPoint(point, gpus);
    const [atX, atY] = [x.of(measured), y.of(measured)];
    return atX === null || atY === null ? [] : { point, x: atX, y: atY };
  });
  const best = new Set(paretoFrontier(positions, (position) => position, { x: x.better, y: y.better }));
  const dots = positions
    .map(
      (position): Dot => ({
        ...position,
        onFrontier: best.has(position),
        // Asked for on frontiers and under the pointer only, so not worked out for thousands of others.
        get xInterval() {
          return measureInterval(x, position.point, gpus);
        },
        get yInterval() {
          return measureInterval(y, position.point, gpus);
        },
      }),
    )
    .toSorted((a, b) => a.x - b.x || a.y - b.y);
  return { dots, frontier: dots.filter(({ onFrontier }) => onFrontier) };
}

function shortNames(all: readonly Series[]): ReadonlyMap<string, string> {
  const common = (part: string) =>
    all.length > 1 && all.every((series) => seriesParts(series).includes(part));
  return new Map(
    all.map((series) => {
      const [hw = '', ...rest] = seriesParts(series);
      return [series.key, [hw, ...rest.filter((part) => !common(part))].join(' · ')];
    }),
  );
}
