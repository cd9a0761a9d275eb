import { type SymbolType, symbol } from 'd3-shape';
import type { Tokens } from '../theme/tokens.ts';

/** How a series looks: colour, marker and dash. */
export interface Look {
  readonly colour: string;
  readonly marker: SymbolType;
  /** SVG's `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
  /** Speculative decoding is a light centre of the marker, disaggregation a ring around it. */
  readonly drafts?: boolean;
  readonly disagg?: boolean;
  /** Modelled from constants, not measured: only an outline, so it is never taken for a measured point. */
  readonly hollow?: boolean;
}

const paths = new Map<SymbolType, Map<number, string>>();

/** The outline of a marker around the origin; `area` in square pixels. */
export function markerPath(marker: SymbolType, area: number): string {
  const sizes = paths.get(marker) ?? new Map<number, string>();
  paths.set(marker, sizes);
  const known = sizes.get(area) ?? symbol(marker, area)() ?? '';
  sizes.set(area, known);
  return known;
}

/** A path through points in order. */
export function linePath(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`)
    .join('');
}

/** Keeps text readable over dots and lines. */
export function halo({ surface }: Tokens) {
  return {
    stroke: surface,
    'stroke-width': '4',
    'stroke-linejoin': 'round',
    'paint-order': 'stroke',
  } as const;
}
