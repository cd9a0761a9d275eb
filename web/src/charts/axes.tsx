import { tickLabel } from '../parts/format.ts';
import type { Tokens } from '../theme/tokens.ts';
import { axisName } from './labels.ts';
import type { Plot } from './plot.ts';
import { ticksOf } from './scale.ts';
import { fontSize, textWidth } from './size.ts';

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export interface Axis {
  /** What the axis shows, with its unit. */
  readonly label: string;
  readonly format?: (value: number) => string;
  /** Where the marks are, if round numbers are not the right places. */
  readonly ticks?: readonly number[];
}

interface AxesProps {
  readonly plot: Plot;
  readonly x: Axis;
  readonly y: Pick<Axis, 'label' | 'ticks'>;
  readonly tokens: Tokens;
}

/** Grid, tick labels and names of two axes. Every colour is a value, so that an exported picture keeps it. */
export function Axes({ plot, x, y, tokens }: AxesProps) {
  const { area } = plot;
  const [left, right] = area.x;
  const [bottom, top] = area.y;
  const xName = axisName(x.label, plot.size.width);
  // Below the plot where that is wide enough, else below its labels, too.
  const xNameEnd = textWidth(xName, fontSize) <= right ? right : plot.size.width;
  const xFormat = x.format ?? tickLabel;
  const xTicks = x.ticks?.map((value) => ({ value, at: plot.x(value) })) ?? ticksOf(plot.x, area.x);
  const yTicks = y.ticks?.map((value) => ({ value, at: plot.y(value) })) ?? ticksOf(plot.y, area.y);
  return (
    <g font-family={fontFamily} font-size={fontSize} fill={tokens.muted}>
      {yTicks.map(({ value, at }) => (
        <g key={value}>
          <line x1={left} x2={right} y1={at} y2={at} stroke={tokens.grid} />
          <text x={left - 8} y={at} dy="0.32em" text-anchor="end">
            {tickLabel(value)}
          </text>
        </g>
      ))}
      {xTicks.map(({ value, at }) => (
        <g key={value}>
          <line x1={at} x2={at} y1={top} y2={bottom} stroke={tokens.grid} />
          <text x={at} y={bottom + 18} text-anchor="middle">
            {xFormat(value)}
          </text>
        </g>
      ))}
      <line x1={left} x2={right} y1={bottom} y2={bottom} stroke={tokens.line} />
      <text x={0} y={12}>
        {axisName(y.label, plot.size.width)}
      </text>
      <text x={xNameEnd} y={bottom + 38} text-anchor="end">
        {xName}
      </text>
    </g>
  );
}
