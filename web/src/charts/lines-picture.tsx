import type { Tokens } from '../theme/tokens.ts';
import { Axes } from './axes.tsx';
import { type LinePoint, lineRuns } from './line-picture.tsx';
import { linePath } from './marks.ts';
import { type Plot, plotOf, spanOf } from './plot.ts';
import type { Size } from './size.ts';
import { type Steps, stepsAlong } from './steps.ts';

/** One of several lines over the same values of x. */
export interface OneOfLines {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** SVG's `stroke-dasharray`; a solid line without it. */
  readonly dash?: string;
  colour(tokens: Tokens): string;
}

interface LinesPictureProps {
  readonly lines: readonly OneOfLines[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Several quantities of one unit as functions of another; the y axis starts at 0. */
export function LinesPicture({ lines, size, tokens, xLabel, yLabel }: LinesPictureProps) {
  const plot = plotOfLines(lines, size);
  const { x, y } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: yLabel }} tokens={tokens} />
      {lines.map(({ name, points, dash = '', colour }) => (
        <g key={name} data-line={name}>
          {lineRuns(points).map((run) => (
            <path
              key={run[0]?.x}
              d={linePath(run.map((point) => ({ x: x(point.x), y: y(point.y) })))}
              fill="none"
              stroke={colour(tokens)}
              stroke-width="1.75"
              stroke-dasharray={dash}
              stroke-linejoin="round"
            />
          ))}
        </g>
      ))}
    </g>
  );
}

/** The values of all lines at each x. */
export function linesSteps(
  lines: readonly OneOfLines[],
  size: Size,
  named: string,
  describe: { title(x: number): string; value(y: number | null): string },
): Steps {
  const plot = plotOfLines(lines, size);
  const { x, y, area } = plot;
  const [first] = lines;
  const all = stepsAlong(
    first?.points ?? [],
    (point) => x(point.x),
    area.x,
    (point, index) => ({
      title: describe.title(point.x),
      at: point.y === null ? null : { x: x(point.x), y: y(point.y) },
      rows: lines.map(({ name, points }) => [name, describe.value(points[index]?.y ?? null)] as const),
    }),
  );
  return { plot, named, all };
}

function plotOfLines(lines: readonly OneOfLines[], size: Size): Plot {
  const points = lines.flatMap((line) => line.points);
  const across = points.map(({ x }) => x);
  const [low, high] = across.reduce(
    ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const exact = across.length === 0 ? spanOf() : spanOf(low, high);
  return plotOf(size, { top: 22 }, { exact }, { values: points.map(({ y }) => y), zero: true });
}
