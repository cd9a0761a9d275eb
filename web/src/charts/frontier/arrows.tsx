import type { Plot } from '../plot.ts';
import { dimmedOpacity } from './dots.ts';
import type { Dot, PlotSeries } from './plot-series.ts';

interface ArrowsProps {
  readonly before: readonly PlotSeries[];
  readonly after: readonly PlotSeries[];
  readonly layout: Plot;
  readonly highlighted: string | undefined;
}

/** What two measurements of one configuration at one concurrency have in common. */
export function configurationOf({ point }: Dot): string {
  return `${point.series.key} ${point.layout} ${point.conc}`;
}

/** From where a configuration was to where it is, for each that is on either frontier and in both. */
export function Arrows({ before, after, layout, highlighted }: ArrowsProps) {
  const then = new Map(before.flatMap(({ dots }) => dots.map((dot) => [configurationOf(dot), dot])));
  return (
    <g>
      {after.flatMap(({ key, dots, look }) =>
        dots.flatMap((dot) => {
          const from = then.get(configurationOf(dot));
          if (from === undefined || !(dot.onFrontier || from.onFrontier) || from.point.id === dot.point.id)
            return [];
          return (
            <path
              key={dot.point.id}
              d={arrowPath(layout.x(from.x), layout.y(from.y), layout.x(dot.x), layout.y(dot.y))}
              fill="none"
              stroke={look.colour}
              stroke-width="1.5"
              opacity={highlighted === undefined || highlighted === key ? 0.85 : dimmedOpacity}
              data-arrow={dot.point.id}
            />
          );
        }),
      )}
    </g>
  );
}

/** A line with a head at its end; nothing where it would be shorter than its head. */
function arrowPath(x0: number, y0: number, x1: number, y1: number): string {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 9) return '';
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  // Ends at the rim of the dot.
  const [tipX, tipY] = [x1 - ux * 5, y1 - uy * 5];
  const wing = (side: 1 | -1) =>
    `M${tipX.toFixed(1)},${tipY.toFixed(1)}L${(tipX - ux * 6 - side * uy * 3.5).toFixed(1)},${(tipY - uy * 6 + side * ux * 3.5).toFixed(1)}`;
  return `M${x0.toFixed(1)},${y0.toFixed(1)}L${tipX.toFixed(1)},${tipY.toFixed(1)}${wing(1)}${wing(-1)}`;
}
