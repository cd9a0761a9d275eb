import type { ComponentChildren } from 'preact';
import type { ChartPlace } from './place.ts';
import { isNarrow, type Size } from './size.ts';

interface TooltipProps {
  readonly at: ChartPlace;
  readonly size: Size;
  /** Approximate height in pixels, to keep it inside the chart. */
  readonly tall: number;
  readonly title: string;
  readonly subtitle?: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** Below the figures. */
  readonly children?: ComponentChildren;
}

/** Distance from its place, in pixels. */
const away = 14;

/** Figures next to a place in a chart, on the side that has room. */
export function Tooltip({ at, size, tall, title, subtitle, rows, children }: TooltipProps) {
  return (
    <div class="tooltip" style={isNarrow(size) ? aboveOrBelow(at, size) : beside(at, size, tall)}>
      <strong>{title}</strong>
      {subtitle !== undefined && <div class="quiet">{subtitle}</div>}
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {children}
    </div>
  );
}

function beside({ x, y }: ChartPlace, size: Size, tall: number) {
  const toTheLeft = x > size.width / 2;
  const room = (toTheLeft ? x : size.width - x) - away;
  return {
    top: `${Math.max(4, Math.min(y - 40, size.height - tall))}px`,
    maxWidth: `min(19rem, ${room}px)`,
    [toTheLeft ? 'right' : 'left']: `${toTheLeft ? size.width - x + away : x + away}px`,
  };
}

/** Half of a narrow chart has no space for a row of figures. */
function aboveOrBelow({ y }: ChartPlace, size: Size) {
  return {
    left: 0,
    width: `${size.width}px`,
    maxWidth: 'none',
    [y < size.height / 2 ? 'top' : 'bottom']: `${y < size.height / 2 ? y + away : size.height - y + away}px`,
  };
}
