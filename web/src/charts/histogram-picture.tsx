import type { Tokens } from '../theme/tokens.ts';
import { Axes } from './axes.tsx';
import { plotOf, spanOf } from './plot.ts';
import type { Size } from './size.ts';

interface HistogramPictureProps {
  /** `counts[i]` samples are between `edges[i]` and `edges[i + 1]`. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values to mark, such as percentiles. */
  readonly marks: readonly { readonly name: string; readonly value: number }[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly colour: string;
  readonly xLabel: string;
}

/** How samples are distributed: the share of them in each bin, on a logarithmic axis where the bins grow by factors. */
export function HistogramPicture({
  edges,
  counts,
  marks,
  size,
  tokens,
  colour,
  xLabel,
}: HistogramPictureProps) {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const [low, high] = spanOf(edges[0], edges.at(-1));
  const plot = plotOf(
    size,
    { top: 34 },
    { log: low > 0 && high / low > 30, exact: [low, high] },
    { values: counts.map((count) => (100 * count) / total), zero: true },
  );
  const { x, y, area } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: '% of samples' }} tokens={tokens} />
      {counts.map((count, index) => {
        const [from, to] = [x(edges[index] ?? low), x(edges[index + 1] ?? high)];
        const top = y((100 * count) / total);
        return (
          <rect
            key={edges[index]}
            x={from}
            width={Math.max(0.5, to - from - 0.75)}
            y={top}
            height={Math.max(0, area.y[0] - top)}
            fill={colour}
            data-count={count}
          />
        );
      })}
      {marks.map(({ name, value }, index) => (
        <g key={name} font-size="11" fill={tokens.ink} data-mark={name}>
          <path d={`M${x(value)},${area.y[0]}V${area.y[1] + 2}`} stroke={tokens.ink} stroke-dasharray="3 3" />
          <text
            x={x(value)}
            y={area.y[1] - (index % 2 === 0 ? 3 : 15)}
            text-anchor={x(value) > area.x[1] - 40 ? 'end' : 'middle'}
          >
            {name}
          </text>
        </g>
      ))}
    </g>
  );
}
