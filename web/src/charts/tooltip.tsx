import type { ComponentChildren } from 'preact';
import type { ChartPlace } from './place.ts';
import type { Size } from './size.ts';

interface TooltipProps {
  readonly at: ChartPlace;
  readonly size: Size;
  /** About how tall it is, pixels, so that it ends within the chart. */
  readonly tall: number;
  readonly title: string;
  readonly subtitle?: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** Below the figures. */
  readonly children?: ComponentChildren;
}

/** How far it is from its place, pixels. */
const away = 14;

/** Figures beside a place in a chart, on the side where there is room. */
export function Tooltip({ at: { x, y }, size, tall, title, subtitle, rows, children }: TooltipProps) {
  const toTheLeft = x > size.width / 2;
  const room = (toTheLeft ? x : size.width - x) - away;
  return (
    <div
      class="tooltip"
      style={{
        top: `${Math.max(4, Math.min(y - 40, size.height - tall))}px`,
        maxWidth: `min(19rem, ${room}px)`,
        [toTheLeft ? 'right' : 'left']: `${toTheLeft ? size.width - x + away : x + away}px`,
      }}
    >
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
