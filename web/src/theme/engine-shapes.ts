import {
  type SymbolType,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import { precisions } from '../../../src/identity/precisions.ts';
import type { IndexDocument } from '../../../src/server/api.ts';
import { hashOf } from './hardware-colours.ts';

type Marker = IndexDocument['names']['engines'][number]['marker'];

/** Every marker that an engine may have. */
const drawn: Readonly<Record<Marker, SymbolType>> = {
  circle: symbolCircle,
  square: symbolSquare,
  triangle: symbolTriangle,
  diamond: symbolDiamond,
  star: symbolStar,
  wye: symbolWye,
  cross: symbolCross,
  pentagon: polygon(5, -Math.PI / 2),
  hexagon: polygon(6, 0),
  'triangle-down': polygon(3, Math.PI / 2),
  'triangle-left': polygon(3, Math.PI),
};
const shapes = Object.values(drawn);

/** A regular polygon with its first corner at an angle, clockwise from the right. */
function polygon(corners: number, first: number): SymbolType {
  const step = (2 * Math.PI) / corners;
  return {
    draw: (context, area) => {
      const radius = Math.sqrt((2 * area) / (corners * Math.sin(step)));
      for (let corner = 0; corner < corners; corner++) {
        const angle = first + corner * step;
        const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
        if (corner === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.closePath();
    },
  };
}

/** The marker of each engine by its framework. */
export type EngineMarkers = ReadonlyMap<string, Marker>;

export function engineMarkersOf(index: IndexDocument | undefined): EngineMarkers {
  return new Map(index?.names.engines.map(({ framework, marker }) => [framework.toLowerCase(), marker]));
}

/** A shape for each engine, to distinguish engines without colour; unknown engines get one derived from the name. */
export function engineShape(framework: string, markers: EngineMarkers): SymbolType {
  const marker = markers.get(framework.toLowerCase());
  if (marker !== undefined) return drawn[marker];
  return shapes[hashOf(framework) % shapes.length] ?? symbolCircle;
}

/** For precisions without a defined dash. */
const spareDashes = ['', '7 4', '2 4', '10 3 2 3'];

/** The dash of a precision's frontier; '' for a solid line. */
export function precisionDash(precision: string): string {
  const own = precisions.get(precision.toLowerCase())?.dash;
  return own ?? spareDashes[hashOf(precision) % spareDashes.length] ?? '';
}
