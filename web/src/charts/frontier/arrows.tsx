import type { Plot } from '../plot.ts';
import type { Dot, PlotSeries } from './plot-series.ts';
import { OfSeries } from './stepping-back.tsx';

interface ArrowsProps {
  readonly before: readonly PlotSeries[];
  readonly after: readonly PlotSeries[];
  readonly layout: Plot;
}

/** What two measurements of one configuration at one concurrency have in common. */
export function configurationOf({ point }: Dot): string {
  return `${point.series.key} ${point.layout} ${point.conc}`;
}

/** From the earlier to the later place of each configuration that both have and that is on either frontier. */
export function Arrows({ before, after, layout }: ArrowsProps) {
  const then = new Map(before.flatMap(({ dots }) => dots.map((dot) => [configurationOf(dot), dot])));
  return (
    <g>
      {after.map(({ key, dots, look }) => (
        <OfSeries key={key} of={key}>
          {dots.flatMap((dot) => {
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
                opacity="0.85"
                data-arrow={dot.point.id}
              />
            );
          })}
        </OfSeries>
      ))}
    </g>
  );
}

/** A line with a head at its end; nothing if it would be shorter than its head. */
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
