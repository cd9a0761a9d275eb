import type { Tokens } from '../theme/tokens.ts';
import { Axes } from './axes.tsx';
import { linePath } from './marks.ts';
import { plotOf, spanOf } from './plot.ts';
import type { Size } from './size.ts';

interface LinePictureProps {
  /** A null breaks the line: nothing was sampled there. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly colour: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** One quantity along another, as a line from 0. */
export function LinePicture({ points, size, tokens, colour, xLabel, yLabel }: LinePictureProps) {
  const plot = plotOf(
    size,
    { top: 22 },
    { exact: spanOf(points[0]?.x, points.at(-1)?.x) },
    { values: points.map((point) => point.y), zero: true },
  );
  const { x, y } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: yLabel }} tokens={tokens} />
      {pieces(points).map((piece) => (
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

function pieces(points: LinePictureProps['points']): { x: number; y: number }[][] {
  const all: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === null) all.push([]);
    else all.at(-1)?.push({ x, y });
  }
  return all.filter((piece) => piece.length > 0);
}
