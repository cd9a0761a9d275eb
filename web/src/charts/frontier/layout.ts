import type { Window } from '../../state/params.ts';
import { leftMargin, plotArea } from '../axes.tsx';
import { type Domain, type Scale, scaleOver } from '../scale.ts';
import type { Margins, Size } from '../size.ts';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';

export interface Layout {
  readonly size: Size;
  readonly margins: Margins;
  readonly x: Scale;
  readonly y: Scale;
  readonly area: { readonly x: Domain; readonly y: Domain };
}

export interface LayoutOptions {
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** The part that is shown; all of it where none is given. */
  readonly window?: Window | undefined;
}

/** Scales over exactly what is shown: a hidden series never stretches an axis. */
export function layoutOf(
  shown: readonly PlotSeries[],
  size: Size,
  { logX = false, logY = false, window }: LayoutOptions = {},
): Layout {
  const dots = shown.flatMap((series) => series.dots);
  const domains = {
    x: window === undefined ? undefined : ([window[0], window[1]] as const),
    y: window === undefined ? undefined : ([window[2], window[3]] as const),
  };
  const vertical = { top: 26, bottom: 46 };
  const height: Domain = [size.height - vertical.bottom, vertical.top];
  const y = scaleOver(
    dots.map((dot) => dot.y),
    height,
    { log: logY, zero: true, exact: domains.y },
  );
  const margins: Margins = { ...vertical, right: 16, left: leftMargin({ scale: y, label: '' }, height) };
  const area = plotArea(size, margins);
  const x = scaleOver(
    dots.map((dot) => dot.x),
    area.x,
    { log: logX, zero: true, exact: domains.x },
  );
  return { size, margins, x, y, area };
}

/** The part that a layout shows, in the units of its axes. */
export function windowOf({ x, y }: Layout): Window {
  const [x0 = 0, x1 = 1] = x.domain();
  const [y0 = 0, y1 = 1] = y.domain();
  return [x0, x1, y0, y1];
}

export function axisLabels({ x, y }: AxesOf): { readonly x: string; readonly y: string } {
  return { x: `${x.label} (${x.unit}), ${x.better} is better`, y: `${y.unit}, ${y.better} is better` };
}

/** The dot nearest to a place, at most so many pixels away; one on a frontier wins over one beside it. */
export function nearestDot(
  shown: readonly PlotSeries[],
  layout: Layout,
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
