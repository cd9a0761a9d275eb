import type { ZoomWindow } from '../../state/params.ts';
import type { ChartPlace } from '../place.ts';
import type { Plot } from '../plot.ts';

/** The window between two corners of a drag, in pixels; undefined if the drag was too small. */
export function windowBetween(
  { x, y, area }: Plot,
  from: ChartPlace,
  to: ChartPlace,
): ZoomWindow | undefined {
  if (Math.abs(from.x - to.x) < 8 || Math.abs(from.y - to.y) < 8) return undefined;
  const [x0, x1] = ordered(clamped(from.x, area.x), clamped(to.x, area.x));
  const [y1, y0] = ordered(clamped(from.y, area.y), clamped(to.y, area.y));
  return [x.invert(x0), x.invert(x1), y.invert(y0), y.invert(y1)];
}

/** Zooms in (factor below 1) or out around a place that keeps its position. */
export function zoomed(layout: Plot, factor: number, around: ChartPlace = centreOf(layout)): ZoomWindow {
  return moved(layout, factor, around, around);
}

/** Pans by pixels with the same zoom. */
export function panned(layout: Plot, dx: number, dy: number): ZoomWindow {
  return moved(layout, 1, { x: 0, y: 0 }, { x: dx, y: dy });
}

export type Fingers = readonly [ChartPlace, ChartPlace];

/** Zooms by the change of distance between two fingers, around the point between them. */
export function pinched(layout: Plot, from: Fingers, to: Fingers): ZoomWindow {
  const apart = ([a, b]: Fingers) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const middle = ([a, b]: Fingers) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  return moved(layout, apart(from) / apart(to), middle(from), middle(to));
}

/** Moves one place to another, and scales around it by a factor. */
function moved({ x, y, area }: Plot, factor: number, from: ChartPlace, to: ChartPlace): ZoomWindow {
  const acrossAt = (pixel: number) => x.invert(from.x + (pixel - to.x) * factor);
  const upAt = (pixel: number) => y.invert(from.y + (pixel - to.y) * factor);
  return [acrossAt(area.x[0]), acrossAt(area.x[1]), upAt(area.y[0]), upAt(area.y[1])];
}

function centreOf({ area }: Plot): ChartPlace {
  return { x: (area.x[0] + area.x[1]) / 2, y: (area.y[0] + area.y[1]) / 2 };
}

function ordered(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}

function clamped(value: number, [a, b]: readonly [number, number]): number {
  return Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));
}
