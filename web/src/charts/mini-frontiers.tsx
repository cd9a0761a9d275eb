import type { Tokens } from '../theme/tokens.ts';
import { Axes, fontFamily } from './axes.tsx';
import { placeLabels } from './labels.ts';
import { type Look, linePath, markerPath } from './marks.ts';
import { plotOf } from './plot.ts';
import type { Size } from './size.ts';

export interface MiniLine {
  readonly name: string;
  readonly look: Look;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

interface MiniFrontiersProps {
  readonly lines: readonly MiniLine[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly xLabel: string;
  readonly yLabel: string;
  /** A level of x that the text beside the chart speaks of. */
  readonly level: number | undefined;
}

/** A few frontiers in little room: lines, their points, and the level that is asked about. */
export function MiniFrontiers({ lines, size, tokens, xLabel, yLabel, level }: MiniFrontiersProps) {
  const all = lines.flatMap(({ points }) => points);
  const plot = plotOf(
    size,
    { top: 24 },
    { values: all.map((point) => point.x), zero: true },
    { values: all.map((point) => point.y), zero: true },
  );
  const { x, y, area } = plot;
  const placed = lines.map((line) => ({
    ...line,
    text: line.name,
    points: line.points.map((point) => ({ x: x(point.x), y: y(point.y) })),
  }));
  const labels = placeLabels(
    placed,
    { x0: area.x[0], x1: area.x[1] + 8, y0: area.y[1] - 8, y1: area.y[0] },
    11,
  );
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: yLabel }} tokens={tokens} />
      {level !== undefined && x(level) <= area.x[1] && (
        <path
          d={`M${x(level)},${area.y[0]}V${area.y[1]}`}
          stroke={tokens.accent}
          stroke-width="1.5"
          stroke-dasharray="3 3"
          data-level={level}
        />
      )}
      {placed.map(({ name, look, points }) => (
        <g key={name} data-line={name} data-points={points.length}>
          <path
            d={linePath(points)}
            fill="none"
            stroke={look.colour}
            stroke-width="2"
            stroke-linejoin="round"
          />
          {points.map((point) => (
            <path
              key={`${point.x} ${point.y}`}
              d={markerPath(look.marker, 24)}
              transform={`translate(${point.x.toFixed(1)},${point.y.toFixed(1)})`}
              fill={look.colour}
            />
          ))}
        </g>
      ))}
      <g font-family={fontFamily} font-size="11" font-weight="600" fill={tokens.ink}>
        {placed.map(({ name }) => {
          const label = labels.get(name);
          return (
            label && (
              <text
                key={name}
                x={label.x}
                y={label.y}
                text-anchor={label.anchor}
                stroke={tokens.surface}
                stroke-width="3"
                stroke-linejoin="round"
                paint-order="stroke"
              >
                {name}
              </text>
            )
          );
        })}
      </g>
    </g>
  );
}
