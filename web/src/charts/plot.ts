import { tickLabel } from '../parts/format.ts';
import { type Domain, type Scale, type ScaleOptions, scaleOver, ticksOf } from './scale.ts';
import { fontSize, type Size, textWidth } from './size.ts';

/** The scales of a chart, and the area that they fill. */
export interface Plot {
  readonly size: Size;
  readonly x: Scale;
  readonly y: Scale;
  /** In pixels, from left to right and from bottom to top. */
  readonly area: { readonly x: Domain; readonly y: Domain };
}

export interface PlotAxis extends ScaleOptions {
  /** The values to show; not used if `exact` is given. */
  readonly values?: Iterable<number | null>;
}

/** Margins in pixels; the left one follows from the labels of the y axis. */
export interface Surround {
  readonly top: number;
  readonly right?: number;
  readonly bottom?: number;
}

/** Space for labels such as `8,000`, also if they are shorter, so that a chart does not move when it is zoomed. */
const usualLabelWidth = 34;

export function plotOf(
  size: Size,
  { top, right = 14, bottom = 44 }: Surround,
  { values: across = [], ...xOptions }: PlotAxis,
  { values: up = [], ...yOptions }: PlotAxis,
): Plot {
  const height: Domain = [Math.max(top + 1, size.height - bottom), top];
  const y = scaleOver(up, height, yOptions);
  const left = leftMargin(y, height);
  const width: Domain = [left, Math.max(left + 1, size.width - right)];
  return { size, x: scaleOver(across, width, xOptions), y, area: { x: width, y: height } };
}

/** From the first to the last of ascending values; not empty if they are equal. */
export function spanOf(low = 0, high = 1): Domain {
  return low === high ? [low, low + 1] : [low, high];
}

/** The space that the tick labels of a y axis need on its left. */
function leftMargin(y: Scale, range: Domain): number {
  const widths = ticksOf(y, range).map(({ value }) => textWidth(tickLabel(value), fontSize));
  return Math.ceil(Math.max(...widths, usualLabelWidth)) + 14;
}
