import type { ZoomWindow } from '../../state/params.ts';
import { boldness } from '../labels.ts';
import { type Plot, plotOf } from '../plot.ts';
import { fontSize, isNarrow, type Size, textWidth } from '../size.ts';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';

export interface LayoutOptions {
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** The range that is shown; everything if it is omitted. */
  readonly window?: ZoomWindow | undefined;
}

/** Scales over exactly what is shown: a hidden series never stretches an axis. */
export function layoutOf(
  shown: readonly PlotSeries[],
  size: Size,
  { logX = false, logY = false, window }: LayoutOptions = {},
): Plot {
  // A window defines the axes, whatever is inside.
  const dots = window === undefined ? shown.flatMap((series) => series.dots) : [];
  const widest = boldness * Math.max(0, ...shown.map(({ shortName }) => textWidth(shortName, fontSize)));
  const right = isNarrow(size) ? 14 : Math.round(Math.min(widest + 16, size.width * 0.32));
  return plotOf(
    size,
    { top: 26, right, bottom: 46 },
    { values: dots.map((dot) => dot.x), log: logX, zero: true, exact: window && [window[0], window[1]] },
    { values: dots.map((dot) => dot.y), log: logY, zero: true, exact: window && [window[2], window[3]] },
  );
}

/** The range that a layout shows, in the units of its axes. */
export function windowOf({ x, y }: Plot): ZoomWindow {
  const [x0 = 0, x1 = 1] = x.domain();
  const [y0 = 0, y1 = 1] = y.domain();
  return [x0, x1, y0, y1];
}

export function axisLabels({ x, y }: AxesOf): { readonly x: string; readonly y: string } {
  return { x: `${x.label} (${x.unit}), ${x.better} is better`, y: `${y.unit}, ${y.better} is better` };
}

/** The dot nearest to a place within a distance in pixels; dots on a frontier take precedence. */
export function nearestDot(
  shown: readonly PlotSeries[],
  layout: Plot,
  place: { readonly x: number; readonly y: number },
  within: number,
): { readonly dot: Dot; readonly series: PlotSeries } | undefined {
  let best: { dot: Dot; series: PlotSeries } | undefined;
  let bestDistance = within;
  for (const series of shown) {
    for (const dot of series.dots) {
      const away = Math.hypot(layout.x(dot.x) - place.x, layout.y(dot.y) - place.y);
      const distance = dot.onFrontier ? away - 3 : away;
      if (distance < bestDistance) {
        bestDistance = distance;
        best = { dot, series };
      }
    }
  }
  return best;
}
