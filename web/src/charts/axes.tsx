import { tickLabel } from '../parts/format.ts';
import type { Tokens } from '../theme/tokens.ts';
import { type Domain, type Scale, ticksOf } from './scale.ts';
import { type Margins, type Size, textWidth } from './size.ts';

export const fontSize = 12;
export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export interface Axis {
  readonly scale: Scale;
  /** What the axis shows, with its unit. */
  readonly label: string;
  readonly format?: (value: number) => string;
  /** Where the marks are, if round numbers are not the right places. */
  readonly ticks?: readonly number[];
}

interface AxesProps {
  readonly size: Size;
  readonly margins: Margins;
  readonly x: Axis;
  readonly y: Axis;
  readonly tokens: Tokens;
}

export function plotArea(
  { width, height }: Size,
  margins: Margins,
): { readonly x: Domain; readonly y: Domain } {
  return {
    x: [margins.left, Math.max(margins.left + 1, width - margins.right)],
    y: [Math.max(margins.top + 1, height - margins.bottom), margins.top],
  };
}

/** Room for labels such as `8,000`: kept where they are shorter, so that a chart does not move when it is zoomed. */
const usualLabelWidth = 34;

/** The room that a y axis needs on its left for the labels of its ticks. */
export function leftMargin(y: Axis, range: Domain): number {
  const format = y.format ?? tickLabel;
  const widest = Math.max(
    ...ticksOf(y.scale, range).map(({ value }) => textWidth(format(value), fontSize)),
    usualLabelWidth,
  );
  return Math.ceil(widest) + 14;
}

/** Grid, tick labels and names of two axes. Every colour is a value, so that an exported picture keeps it. */
export function Axes({ size, margins, x, y, tokens }: AxesProps) {
  const area = plotArea(size, margins);
  const [left, right] = area.x;
  const [bottom, top] = area.y;
  const xFormat = x.format ?? tickLabel;
  const yFormat = y.format ?? tickLabel;
  return (
    <g font-family={fontFamily} font-size={fontSize} fill={tokens.muted}>
      {ticksOfAxis(y, area.y).map(({ value, at }) => (
        <g key={value}>
          <line x1={left} x2={right} y1={at} y2={at} stroke={tokens.grid} />
          <text x={left - 8} y={at} dy="0.32em" text-anchor="end">
            {yFormat(value)}
          </text>
        </g>
      ))}
      {ticksOfAxis(x, area.x).map(({ value, at }) => (
        <g key={value}>
          <line x1={at} x2={at} y1={top} y2={bottom} stroke={tokens.grid} />
          <text x={at} y={bottom + 18} text-anchor="middle">
            {xFormat(value)}
          </text>
        </g>
      ))}
      <line x1={left} x2={right} y1={bottom} y2={bottom} stroke={tokens.line} />
      <text x={0} y={12}>
        {y.label}
      </text>
      <text x={right} y={bottom + 38} text-anchor="end">
        {x.label}
      </text>
    </g>
  );
}

function ticksOfAxis({ scale, ticks }: Axis, range: Domain) {
  return ticks?.map((value) => ({ value, at: scale(value) })) ?? ticksOf(scale, range);
}
