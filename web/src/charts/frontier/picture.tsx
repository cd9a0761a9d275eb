import type { Tokens } from '../../theme/tokens.ts';
import { Axes, fontFamily } from '../axes.tsx';
import { placeLabels } from '../labels.ts';
import { linePath, markerPath } from '../marks.ts';
import type { Plot } from '../plot.ts';
import { fontSize } from '../size.ts';
import { Arrows } from './arrows.tsx';
import { backgroundArea, backgroundOpacity, dimmedOpacity, frontierArea } from './dots.ts';
import { axisLabels } from './layout.ts';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';

export interface PictureProps {
  readonly layout: Plot;
  readonly axes: AxesOf;
  readonly shown: readonly PlotSeries[];
  /** The frontiers of the other date or run, when two are compared. */
  readonly before?: readonly PlotSeries[] | undefined;
  readonly tokens: Tokens;
  readonly highlighted?: string | undefined;
  /** Whether dots and the names over them are elements, as an exported picture needs them, or are drawn elsewhere. */
  readonly withDots: boolean;
}

/** Axes, frontiers, error bars of the frontiers' points and the names of lines. */
export function FrontierPicture(props: PictureProps) {
  const { layout, axes, shown, before, tokens, highlighted, withDots } = props;
  const { area } = layout;
  const clip = `plot-${Math.round(area.x[1])}-${Math.round(area.y[0])}`;
  const names = axisLabels(axes);
  const opacity = (key: string) => (highlighted === undefined || highlighted === key ? 1 : dimmedOpacity);
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
          <path
            key={`before ${series.key}`}
            d={linePath(placed(series.frontier, layout))}
            fill="none"
            stroke={series.look.colour}
            stroke-width="1.5"
            stroke-dasharray="1 4"
            stroke-linecap="round"
            opacity={opacity(series.key)}
            data-before={series.key}
          />
        ))}
        {shown.map((series) => (
          <g key={series.key} opacity={opacity(series.key)}>
            {series.frontier.map((dot) => (
              <ErrorBars key={dot.point.id} dot={dot} layout={layout} colour={series.look.colour} />
            ))}
            <path
              d={linePath(placed(series.frontier, layout))}
              fill="none"
              stroke={series.look.colour}
              stroke-width="2"
              stroke-dasharray={series.look.dash}
              stroke-linejoin="round"
              data-frontier={series.key}
              data-points={series.frontier.length}
            />
            {withDots &&
              series.dots.map((dot) => (
                <DotMark key={dot.point.id} dot={dot} series={series} layout={layout} tokens={tokens} />
              ))}
          </g>
        ))}
        {before !== undefined && (
          <Arrows before={before} after={shown} layout={layout} highlighted={highlighted} />
        )}
      </g>
      {withDots && <Labels layout={layout} shown={shown} tokens={tokens} highlighted={highlighted} />}
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
      fill={dot.point.verdict === 'valid' ? series.look.colour : tokens.surface}
      stroke={series.look.colour}
      stroke-width="1.5"
      opacity={dot.onFrontier ? 1 : backgroundOpacity}
      data-point={dot.point.id}
    />
  );
}

/** 95 % confidence intervals; where a measure has none, nothing is drawn and nothing is guessed. */
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

export function Labels({
  layout,
  shown,
  tokens,
  highlighted,
}: Pick<PictureProps, 'layout' | 'shown' | 'tokens' | 'highlighted'>) {
  const { area } = layout;
  const lines = shown.map((series) => ({
    text: series.shortName,
    points: placed(series.frontier, layout).filter(
      ({ x, y }) => x >= area.x[0] && x <= area.x[1] && y >= area.y[1] && y <= area.y[0],
    ),
  }));
  const box = { x0: area.x[0] + 2, x1: area.x[1] + 10, y0: area.y[1] - 10, y1: area.y[0] - 2 };
  const labels = placeLabels(lines, box, fontSize);
  return (
    <g font-family={fontFamily} font-size={fontSize} font-weight="600">
      {shown.map((series) => {
        const label = labels.get(series.shortName);
        return (
          label && (
            <text
              key={series.key}
              x={label.x}
              y={label.y}
              text-anchor={label.anchor}
              fill={tokens.ink}
              stroke={tokens.surface}
              stroke-width="4"
              stroke-linejoin="round"
              paint-order="stroke"
              opacity={highlighted === undefined || highlighted === series.key ? 1 : dimmedOpacity}
              data-label={series.key}
            >
              {label.text}
            </text>
          )
        );
      })}
    </g>
  );
}

function placed(dots: readonly Dot[], layout: Plot) {
  return dots.map((dot) => ({ x: layout.x(dot.x), y: layout.y(dot.y) }));
}
