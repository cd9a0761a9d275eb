import type { Tokens } from '../../theme/tokens.ts';
import { Axes, fontFamily } from '../axes.tsx';
import { boxOf } from '../boxes.ts';
import { endLabels } from '../end-labels.ts';
import { fittedLabel, labelHeight } from '../labels.ts';
import { type LevelReads, type LevelValue, levelReads } from '../level-reads.ts';
import { halo, linePath, markerPath } from '../marks.ts';
import type { Plot } from '../plot.ts';
import { leftWords, ReadText } from '../read-text.tsx';
import { fontSize, isNarrow } from '../size.ts';
import { Arrows } from './arrows.tsx';
import { backgroundArea, backgroundOpacity, frontierArea } from './dots.ts';
import { axisLabels } from './layout.ts';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';
import { OfSeries } from './stepping-back.tsx';

export interface PictureProps {
  readonly layout: Plot;
  readonly axes: AxesOf;
  readonly shown: readonly PlotSeries[];
  /** The frontiers of the other date or run, when two are compared. */
  readonly before?: readonly PlotSeries[] | undefined;
  readonly tokens: Tokens;
  /** Whether dots and labels are elements, as in an exported picture, or are drawn elsewhere. */
  readonly withDots: boolean;
  readonly level?: LevelReading | undefined;
}

/** Axes, frontiers, error bars of the frontiers' points and the names of lines. */
export function FrontierPicture(props: PictureProps) {
  const { layout, axes, shown, before, tokens, withDots } = props;
  const { area } = layout;
  const clip = `plot-${Math.round(area.x[1])}-${Math.round(area.y[0])}`;
  const names = axisLabels(axes);
  return (
    <g>
      <clipPath id={clip}>
        <rect
          x={area.x[0] - 6}
          y={area.y[1] - 6}
          width={area.x[1] - area.x[0] + 12}
          height={area.y[0] - area.y[1] + 12}
        />
      </clipPath>
      <Axes plot={layout} x={{ label: names.x }} y={{ label: names.y }} tokens={tokens} />
      <g clip-path={`url(#${clip})`}>
        {before?.map((series) => (
          <OfSeries key={`before ${series.key}`} of={series.key}>
            <path
              d={linePath(lineIn(series, layout))}
              fill="none"
              stroke={series.look.colour}
              stroke-width="1.5"
              stroke-dasharray="1 4"
              stroke-linecap="round"
              data-before={series.key}
            />
          </OfSeries>
        ))}
        {shown.map((series) => (
          <OfSeries key={series.key} of={series.key}>
            {series.frontier.map((dot) => (
              <ErrorBars key={dot.point.id} dot={dot} layout={layout} colour={series.look.colour} />
            ))}
            <path
              d={linePath(lineIn(series, layout))}
              fill="none"
              stroke={series.look.colour}
              stroke-width={series.isHardware ? 2.25 : 1.75}
              stroke-dasharray={series.look.dash}
              stroke-linejoin="round"
              data-frontier={series.key}
              data-points={series.frontier.length}
            />
            {withDots &&
              series.dots.map((dot) => (
                <DotMark key={dot.point.id} dot={dot} series={series} layout={layout} tokens={tokens} />
              ))}
          </OfSeries>
        ))}
        {before !== undefined && <Arrows before={before} after={shown} layout={layout} />}
      </g>
      {withDots && <Labels layout={layout} shown={shown} tokens={tokens} level={props.level} />}
    </g>
  );
}

function DotMark({
  dot,
  series,
  layout,
  tokens,
}: {
  readonly dot: Dot;
  readonly series: PlotSeries;
  readonly layout: Plot;
  readonly tokens: Tokens;
}) {
  return (
    <path
      d={markerPath(series.look.marker, dot.onFrontier ? frontierArea : backgroundArea)}
      transform={`translate(${layout.x(dot.x).toFixed(1)},${layout.y(dot.y).toFixed(1)})`}
      fill={
        dot.point.verdict === 'suspect' ? tokens.surface : dot.onFrontier ? series.look.colour : tokens.muted
      }
      stroke={dot.onFrontier ? series.look.colour : tokens.muted}
      stroke-width="1.5"
      opacity={dot.onFrontier ? 1 : backgroundOpacity}
      data-point={dot.point.id}
    />
  );
}

/** 95 % confidence intervals; nothing is drawn for a measure without one. */
export function ErrorBars({
  dot,
  layout,
  colour,
}: {
  readonly dot: Dot;
  readonly layout: Plot;
  readonly colour: string;
}) {
  const [atX, atY] = [layout.x(dot.x), layout.y(dot.y)];
  const across = dot.xInterval?.map((value) => layout.x(value).toFixed(1));
  const up = dot.yInterval?.map((value) => layout.y(value).toFixed(1));
  return (
    <g stroke={colour} stroke-width="1.25" opacity="0.7">
      {across && (
        <path
          d={`M${across[0]},${atY}H${across[1]}M${across[0]},${atY - 3}v6M${across[1]},${atY - 3}v6`}
          data-interval="x"
        />
      )}
      {up && (
        <path d={`M${atX},${up[0]}V${up[1]}M${atX - 3},${up[0]}h6M${atX - 3},${up[1]}h6`} data-interval="y" />
      )}
    </g>
  );
}

/**
 * The names of lines, in their colours, at their ends, and the value of each line at the level. On a narrow chart both
 * are in the legend below, so that the plot has all of the width.
 */
export function Labels({ layout, shown, tokens, level }: LabelsProps) {
  const { area } = layout;
  const inside = ({ x, y }: { readonly x: number; readonly y: number }) =>
    x >= area.x[0] - 1 && x <= area.x[1] + 1 && y >= area.y[1] - 1 && y <= area.y[0] + 1;
  const paths = new Map(shown.map((series) => [series.key, lineIn(series, layout).filter(inside)]));
  const room = Math.floor((area.y[0] - area.y[1]) / labelHeight);
  // If there is no space for all names, the first ones are shown; the legend has all.
  const isBare = isNarrow(layout.size);
  const named = isBare ? [] : shown.filter(({ key }) => paths.get(key)?.length).slice(0, room);
  const atLevel = level === undefined ? Number.NaN : layout.x(level.x);
  const hasLevel = atLevel >= area.x[0] && atLevel <= area.x[1];
  const places = endLabels(
    named.map(({ key, shortName }) => ({ key, name: shortName, path: paths.get(key) ?? [] })),
    layout,
    hasLevel ? [{ left: atLevel - 2, right: atLevel + 2, top: area.y[1], bottom: area.y[0] }] : [],
  );
  const reads = levelReads(
    hasLevel && !isBare
      ? shown.map(({ key }) => ({ key, path: paths.get(key) ?? [], read: level?.values.get(key) }))
      : [],
    {
      plot: layout,
      level: atLevel,
      taken: named.flatMap(({ key, shortName }) => {
        const at = places.get(key);
        return at === undefined ? [] : boxOf(shortName, at);
      }),
      leaders: [...places.values()].flatMap(({ leader }) => (leader === null ? [] : [leader])),
    },
  );
  return (
    <g font-family={fontFamily} font-size={fontSize} font-weight="600">
      {named.map(({ key, shortName, look }) => {
        const at = places.get(key);
        if (at === undefined) return null;
        return (
          <OfSeries key={key} of={key}>
            {at.leader !== null && (
              <path
                d={linePath(at.leader)}
                stroke={look.colour}
                stroke-opacity="0.4"
                fill="none"
                data-leader={key}
              />
            )}
            <text x={at.x} y={at.y} dy="0.34em" fill={look.colour} {...halo(tokens)} data-label={key}>
              {fittedLabel(shortName, layout.size.width - at.x)}
            </text>
          </OfSeries>
        );
      })}
      {level !== undefined && hasLevel && (
        <Level layout={layout} tokens={tokens} shown={shown} level={level.x} at={atLevel} reads={reads} />
      )}
    </g>
  );
}

interface LabelsProps extends Pick<PictureProps, 'layout' | 'shown' | 'tokens'> {
  /** The x of the question, and the value of each line there. */
  readonly level?: LevelReading | undefined;
}

export interface LevelReading {
  readonly x: number;
  readonly values: ReadonlyMap<string, LevelValue>;
}

interface LevelProps extends Pick<LabelsProps, 'layout' | 'shown' | 'tokens'> {
  readonly level: number;
  /** The x of the level, pixels. */
  readonly at: number;
  readonly reads: LevelReads;
}

function Level({ layout: { area }, shown, tokens, level, at, reads }: LevelProps) {
  return (
    <g>
      <path
        d={`M${at.toFixed(1)},${area.y[0]}V${area.y[1]}`}
        stroke={tokens.accent}
        stroke-width="1.5"
        stroke-dasharray="3 3"
        data-level={level}
      />
      {reads.left.length > 0 && (
        <text x={at} y={area.y[1] - 6} text-anchor="middle" fill={tokens.accent}>
          {leftWords(reads.left.length, 'legend')}
        </text>
      )}
      {shown.map(({ key, look }) => {
        const read = reads.placed.get(key);
        return read && <ReadText key={key} of={key} read={read} colour={look.colour} tokens={tokens} />;
      })}
    </g>
  );
}

function lineIn({ line }: PlotSeries, layout: Plot) {
  return line.map(({ x, y }) => ({ x: layout.x(x), y: layout.y(y) }));
}
