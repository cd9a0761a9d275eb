import { symbolCircle } from 'd3-shape';
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
  /** Of a whole hardware that of its first point. */
  readonly series: Series;
  /** Whether it is all of a hardware's engines together. */
  readonly isHardware: boolean;
  readonly look: Look;
  /** By x. */
  readonly dots: readonly Dot[];
  readonly frontier: readonly Dot[];
  /** What is drawn as its line: steps from one point of the frontier to the next, or what answers say. */
  readonly line: readonly { readonly x: number; readonly y: number }[];
  /** Points that have both measures, also those that are not shown. */
  readonly placed: number;
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

/** How points become series: a hardware is one of them until it is unfolded into its engines. */
export interface Grouping {
  /** The hardware that is unfolded. */
  readonly open: readonly string[];
  /** Lines that are known better than from frontiers, by hardware. */
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

/** What a chart draws: of every series its points that have both measures, and their Pareto frontier. */
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
    // While some hardware is unfolded, the rest steps back.
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

/**
 * From each point of a frontier level to where the next one takes over: what was measured holds until then, and nothing
 * is drawn between two servers that nobody could start.
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
  { x, y }: AxesOf,
  gpus: Gpus,
  /** What is on the line, where that is not the frontier. */
  onLine?: ReadonlySet<string>,
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
        onFrontier: onLine === undefined ? best.has(position) : onLine.has(position.point.id),
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
  // Engines of one hardware need not say its name again.
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
