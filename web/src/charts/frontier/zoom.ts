import type { Window } from '../../state/params.ts';
import type { Place } from '../place.ts';
import type { Plot } from '../plot.ts';
import type { Scale } from '../scale.ts';

/** The window between two corners of a drag, in pixels; undefined where the drag was too small to mean one. */
export function windowBetween({ x, y, area }: Plot, from: Place, to: Place): Window | undefined {
  if (Math.abs(from.x - to.x) < 8 || Math.abs(from.y - to.y) < 8) return undefined;
  const [x0, x1] = ordered(clamped(from.x, area.x), clamped(to.x, area.x));
  const [y1, y0] = ordered(clamped(from.y, area.y), clamped(to.y, area.y));
  return [x.invert(x0), x.invert(x1), y.invert(y0), y.invert(y1)];
}

/** Closer (factor below 1) or further away, with the given place staying where it is. */
export function zoomed(layout: Plot, factor: number, around: Place = centreOf(layout)): Window {
  const side = (scale: Scale, [from, to]: readonly [number, number], at: number) =>
    [scale.invert(at + (from - at) * factor), scale.invert(at + (to - at) * factor)] as const;
  const [x0, x1] = side(layout.x, layout.area.x, around.x);
  const [y0, y1] = side(layout.y, layout.area.y, around.y);
  return [x0, x1, y0, y1];
}

/** The same zoom over another part, moved by pixels. */
export function panned({ x, y, area }: Plot, dx: number, dy: number): Window {
  return [
    x.invert(area.x[0] - dx),
    x.invert(area.x[1] - dx),
    y.invert(area.y[0] - dy),
    y.invert(area.y[1] - dy),
  ];
}

function centreOf({ area }: Plot): Place {
  return { x: (area.x[0] + area.x[1]) / 2, y: (area.y[0] + area.y[1]) / 2 };
}

function ordered(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}

function clamped(value: number, [a, b]: readonly [number, number]): number {
  return Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));
}
