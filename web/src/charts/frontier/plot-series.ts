import { symbolCircle, symbolSquare } from 'd3-shape';
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

/** A point with its values of the chart's two measures. */
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
  /** The name without the parts that all series of the chart share. */
  readonly shortName: string;
  /** For a hardware type, the series of its first point. */
  readonly series: Series;
  /** Whether it combines all engines of a hardware type. */
  readonly isHardware: boolean;
  readonly look: Look;
  /** By x. */
  readonly dots: readonly Dot[];
  readonly frontier: readonly Dot[];
  /** Its line: steps from one point of the frontier to the next, or the answers to the question. */
  readonly line: readonly { readonly x: number; readonly y: number }[];
  /** Number of points that have both measures, shown or not. */
  readonly placed: number;
  /** The measure of its y values, if they are modelled instead of those of the y axis. */
  readonly modelled?: Measure;
}

export interface AxesOf {
  readonly x: Measure;
  readonly y: Measure;
}

/** A line, and the ids of the points that it rests on. */
export interface KnownLine {
  readonly line: PlotSeries['line'];
  readonly ids: ReadonlySet<string>;
}

/** How points become series: a hardware type is one series until it is unfolded into its engines. */
export interface Grouping {
  /** The hardware that is unfolded. */
  readonly open: readonly string[];
  /** Lines by hardware that replace those of the frontiers. */
  readonly lines: ReadonlyMap<string, KnownLine>;
  hardware(hw: string): string;
  engine(framework: string): string;
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
    drafts: series.specDecoding !== 'none',
    disagg: series.disagg,
  };
}

const backColours: Readonly<Record<Mode, string>> = { light: '#8b8f98', dark: '#7d818a' };

/** Every series by itself, under the names that rows have. */
const unfolded: Pick<Grouping, 'lines' | 'engine'> & { readonly open: null } = {
  open: null,
  lines: new Map(),
  engine: (framework) => framework,
};

/** What a chart draws: for each series, the points that have both measures and their Pareto frontier. */
export function plotSeriesOf(
  points: readonly PublishedPoint[],
  axes: AxesOf,
  gpus: Gpus,
  appearance: Appearance,
  grouping?: Grouping,
): PlotSeries[] {
  const { open, lines, engine } = grouping ?? unfolded;
  const isFolded = (hw: string) => open !== null && !open.includes(hw);
  const groups = Map.groupBy(points, ({ series }) => (isFolded(series.hw) ? series.hw : series.key));
  const short = shortNames(
    [...groups.values()].flatMap(([first]) =>
      first === undefined || isFolded(first.series.hw) ? [] : first.series,
    ),
  );
  return [...groups].flatMap(([key, members]) => {
    const series = members[0]?.series;
    if (series === undefined) return [];
    const isHardware = isFolded(series.hw);
    // While some hardware is unfolded, the rest is grey.
    const isBack = isHardware && open !== null && open.length > 0;
    const known = isHardware ? lines.get(series.hw) : undefined;
    const { dots, frontier } = placed(members, axes, gpus, known?.ids);
    const name = isHardware && grouping ? grouping.hardware(series.hw) : seriesName(series, engine);
    const look = lookOf(series, appearance);
    return dots.length === 0
      ? []
      : {
          key,
          name,
          shortName: isHardware ? name : (short.get(key) ?? key),
          series,
          isHardware,
          look: isHardware
            ? {
                colour: isBack ? backColours[appearance.mode] : look.colour,
                marker: symbolCircle,
                dash: '',
                drafts: false,
                disagg: false,
              }
            : look,
          dots,
          frontier,
          line: known?.line ?? stepsOf(frontier, axes),
          placed: dots.length,
        };
  });
}

/** The points on the frontier of their series, grouped as `plotSeriesOf` does. */
export function frontierPoints(
  points: readonly PublishedPoint[],
  axes: AxesOf,
  gpus: Gpus,
  { open }: Pick<Grouping, 'open'>,
): readonly PublishedPoint[] {
  const groups = Map.groupBy(points, ({ series }) => (open.includes(series.hw) ? series.key : series.hw));
  return [...groups.values()].flatMap((members) =>
    [...positionsOf(members, axes, gpus).best].map(({ point }) => point),
  );
}

/**
 * The same points with a modelled measure in place of the measured one on the y axis: hollow squares and dotted lines in
 * the same colours, with names that say so.
 */
export function modelledSeriesOf(
  points: readonly PublishedPoint[],
  axes: AxesOf,
  gpus: Gpus,
  appearance: Appearance,
  grouping: Grouping,
): PlotSeries[] {
  return plotSeriesOf(points, axes, gpus, appearance, grouping).map((series) => ({
    ...series,
    key: `${series.key} modelled`,
    name: `${series.name}, modelled`,
    shortName: `${series.shortName}, modelled`,
    look: { colour: series.look.colour, marker: symbolSquare, dash: '1.5 4', hollow: true },
    modelled: axes.y,
  }));
}

/**
 * Steps: from each point of a frontier horizontally to the next one. No line connects two different servers, because there
 * is no server between them.
 */
function stepsOf(frontier: readonly Dot[], { x }: AxesOf): PlotSeries['line'] {
  return frontier.flatMap((dot, index) => {
    const next = frontier[index + 1];
    if (next === undefined) return [dot];
    return [dot, x.better === 'higher' ? { x: dot.x, y: next.y } : { x: next.x, y: dot.y }];
  });
}

function placed(
  points: readonly PublishedPoint[],
  axes: AxesOf,
  gpus: Gpus,
  /** The points on the line, if it is not the frontier. */
  onLine?: ReadonlySet<string>,
): Pick<PlotSeries, 'dots' | 'frontier'> {
  const { positions, best } = positionsOf(points, axes, gpus);
  const dots = positions.map(
    (position) =>
      new PlacedDot(
        position,
        onLine === undefined ? best.has(position) : onLine.has(position.point.id),
        axes,
        gpus,
      ),
  );
  return { dots, frontier: dots.filter(({ onFrontier }) => onFrontier) };
}

interface Position {
  readonly point: PublishedPoint;
  readonly x: number;
  readonly y: number;
}

/** Places of points, from left to right, and which are on the frontier. */
interface Positions {
  readonly positions: readonly Position[];
  readonly best: ReadonlySet<Position>;
}

/** The last result by the first of its points: most groups do not change with a filter. */
const kept = new WeakMap<
  AxesOf,
  WeakMap<PublishedPoint, Positions & { readonly points: readonly PublishedPoint[]; readonly gpus: Gpus }>
>();

function positionsOf(points: readonly PublishedPoint[], axes: AxesOf, gpus: Gpus): Positions {
  const [first] = points;
  if (first === undefined) return { positions: [], best: new Set() };
  const ofAxes = kept.get(axes) ?? new WeakMap();
  kept.set(axes, ofAxes);
  const known = ofAxes.get(first);
  if (known?.gpus === gpus && areSame(known.points, points)) return known;
  const { x, y } = axes;
  const positions = points
    .flatMap((point): Position[] => {
      const measured = measuredPoint(point, gpus);
      const [atX, atY] = [x.of(measured), y.of(measured)];
      return atX === null || atY === null ? [] : [{ point, x: atX, y: atY }];
    })
    .toSorted((a, b) => a.x - b.x || a.y - b.y);
  const best = new Set(paretoFrontier(positions, (position) => position, { x: x.better, y: y.better }));
  const found = { positions, best, points, gpus };
  ofAxes.set(first, found);
  return found;
}

function areSame(a: readonly PublishedPoint[], b: readonly PublishedPoint[]): boolean {
  return a.length === b.length && a.every((point, index) => point === b[index]);
}

/** Intervals are computed on demand, because only frontiers and the tooltip need them. */
class PlacedDot implements Dot {
  readonly point: PublishedPoint;
  readonly x: number;
  readonly y: number;
  readonly onFrontier: boolean;
  readonly #axes: AxesOf;
  readonly #gpus: Gpus;

  constructor({ point, x, y }: Position, onFrontier: boolean, axes: AxesOf, gpus: Gpus) {
    this.point = point;
    this.x = x;
    this.y = y;
    this.onFrontier = onFrontier;
    this.#axes = axes;
    this.#gpus = gpus;
  }

  get xInterval() {
    return measureInterval(this.#axes.x, this.point, this.#gpus);
  }

  get yInterval() {
    return measureInterval(this.#axes.y, this.point, this.#gpus);
  }
}

function shortNames(all: readonly Series[]): ReadonlyMap<string, string> {
  // Engines of one hardware type need not say its name again.
  const isOne = all.length > 1 && new Set(all.map(({ hw }) => hw)).size === 1;
  const common = (part: string) =>
    all.length > 1 && all.every((series) => seriesParts(series).includes(part));
  return new Map(
    all.map((series) => {
      const [hw = '', ...rest] = seriesParts(series);
      const own = rest.filter((part) => !common(part));
      return [series.key, (isOne && own.length > 0 ? own : [hw, ...own]).join(' · ')];
    }),
  );
}
