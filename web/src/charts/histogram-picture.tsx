import { fiveDigits, percent, quantity, withUnit } from '../parts/format.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Axes } from './axes.tsx';
import { type Plot, plotOf, spanOf } from './plot.ts';
import type { Size } from './size.ts';
import type { Steps } from './steps.ts';

export interface HistogramBars {
  /** `counts[i]` samples are between `edges[i]` and `edges[i + 1]`. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values to mark, such as percentiles. */
  readonly marks: readonly { readonly name: string; readonly value: number }[];
  readonly unit: string;
}

interface HistogramPictureProps {
  readonly histogram: HistogramBars;
  readonly size: Size;
  readonly tokens: Tokens;
  readonly colour: string;
  readonly xLabel: string;
}

/** How samples are distributed: the share in each bin, on a logarithmic axis if the bins grow by factors. */
export function HistogramPicture({ histogram, size, tokens, colour, xLabel }: HistogramPictureProps) {
  const plot = plotOfHistogram(histogram, size);
  const { x, area } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: '% of samples' }} tokens={tokens} />
      {binsOf(histogram, plot).map(({ low, count, from, to, top }) => (
        <rect
          key={low}
          x={from}
          width={Math.max(0.5, to - from - 0.75)}
          y={top}
          height={Math.max(0, area.y[0] - top)}
          fill={colour}
          data-count={count}
        />
      ))}
      {histogram.marks.map(({ name, value }, index) => (
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

/** The bins one by one: their samples, their share, the share up to them, and what is marked in them. */
export function histogramSteps(histogram: HistogramBars, size: Size): Steps {
  const { marks, unit } = histogram;
  const plot = plotOfHistogram(histogram, size);
  const total = totalOf(histogram);
  let below = 0;
  const all = binsOf(histogram, plot).map(({ low, high, count, from, to, top }, index) => {
    below += count;
    const inside = marks.filter(
      ({ value }) => value <= high && (value > low || (index === 0 && value === low)),
    );
    return {
      from,
      to,
      at: { x: (from + to) / 2, y: top },
      title: `${fiveDigits(low)} to ${quantity(fiveDigits(high), unit)}`,
      rows: [
        ['Samples', count.toLocaleString('en')],
        ['Share', percent(count / total, 2)],
        ['Up to here', percent(below / total, 2)],
        ...inside.map(({ name, value }) => [name, withUnit(value, unit)] as const),
      ] as const,
    };
  });
  return { plot, named: 'bins', all };
}

function plotOfHistogram(histogram: HistogramBars, size: Size): Plot {
  const [low, high] = spanOf(histogram.edges[0], histogram.edges.at(-1));
  const total = totalOf(histogram);
  return plotOf(
    size,
    { top: 34 },
    { log: low > 0 && high / low > 30, exact: [low, high] },
    { values: histogram.counts.map((count) => (100 * count) / total), zero: true },
  );
}

function binsOf(histogram: HistogramBars, { x, y }: Plot) {
  const total = totalOf(histogram);
  return histogram.counts.map((count, index) => {
    const [low = 0, high = low] = histogram.edges.slice(index, index + 2);
    return { low, high, count, from: x(low), to: x(high), top: y((100 * count) / total) };
  });
}

function totalOf({ counts }: HistogramBars): number {
  return counts.reduce((sum, count) => sum + count, 0) || 1;
}
