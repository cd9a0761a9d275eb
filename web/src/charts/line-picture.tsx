import type { Tokens } from '../theme/tokens.ts';
import { Axes } from './axes.tsx';
import { linePath } from './marks.ts';
import { type Plot, plotOf, spanOf } from './plot.ts';
import type { Size } from './size.ts';
import { type ChartStep, type Steps, stepsAlong } from './steps.ts';

export interface LinePoint {
  readonly x: number;
  /** A null breaks the line: there is no sample. */
  readonly y: number | null;
}

interface LinePictureProps {
  readonly points: readonly LinePoint[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly colour: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** One quantity as a function of another; the y axis starts at 0. */
export function LinePicture({ points, size, tokens, colour, xLabel, yLabel }: LinePictureProps) {
  const plot = plotOfLine(points, size);
  const { x, y } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: yLabel }} tokens={tokens} />
      {lineRuns(points).map((piece) => (
        <path
          key={piece[0]?.x}
          d={linePath(piece.map((point) => ({ x: x(point.x), y: y(point.y) })))}
          fill="none"
          stroke={colour}
          stroke-width="1.75"
          stroke-linejoin="round"
          data-points={piece.length}
        />
      ))}
    </g>
  );
}

/** The points one by one, each reaching half way to its neighbours. */
export function lineSteps(
  points: readonly LinePoint[],
  size: Size,
  named: string,
  describe: (point: LinePoint) => Pick<ChartStep, 'title' | 'rows'>,
): Steps {
  const plot = plotOfLine(points, size);
  const { x, y, area } = plot;
  const all = stepsAlong(
    points,
    (point) => x(point.x),
    area.x,
    (point) => ({
      ...describe(point),
      at: point.y === null ? null : { x: x(point.x), y: y(point.y) },
    }),
  );
  return { plot, named, all };
}

function plotOfLine(points: readonly LinePoint[], size: Size): Plot {
  return plotOf(
    size,
    { top: 22 },
    { exact: spanOf(points[0]?.x, points.at(-1)?.x) },
    { values: points.map((point) => point.y), zero: true },
  );
}

/** The points without gaps between them. */
export function lineRuns(points: readonly LinePoint[]): { x: number; y: number }[][] {
  const all: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === null) all.push([]);
    else all.at(-1)?.push({ x, y });
  }
  return all.filter((piece) => piece.length > 0);
}
