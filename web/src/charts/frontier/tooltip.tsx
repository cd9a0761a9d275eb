import { metricOf } from '../../data/points.ts';
import { age, shortNumber } from '../../parts/format.ts';
import type { Plot } from '../plot.ts';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';

interface TooltipProps {
  readonly dot: Dot;
  readonly series: PlotSeries;
  readonly axes: AxesOf;
  readonly layout: Plot;
}

/** What a point is, in the words a screen reader says as well. */
export function describeDot({ dot, series, axes }: Omit<TooltipProps, 'layout'>): string {
  const value = (measure: AxesOf['x'], at: number) => `${measure.label} ${shortNumber(at)} ${measure.unit}`;
  return [
    `${series.name}, concurrency ${dot.point.conc}, ${dot.point.layout}`,
    value(axes.y, dot.y),
    value(axes.x, dot.x),
    dot.onFrontier ? 'on the frontier' : 'behind the frontier',
    ...(dot.point.verdict === 'suspect' ? ['suspect'] : []),
  ].join('; ');
}

/** Beside the point, on the side where there is room. */
export function Tooltip({ dot, series, axes, layout }: TooltipProps) {
  const [x, y] = [layout.x(dot.x), layout.y(dot.y)];
  const toTheLeft = x > layout.size.width * 0.55;
  const { point } = dot;
  const rows: [string, string][] = [
    [axes.y.label, figure(dot.y, axes.y.unit, dot.yInterval)],
    [axes.x.label, figure(dot.x, axes.x.unit, dot.xInterval)],
    ['Median TTFT', `${shortNumber(metricOf(point, 'medianTtftMs'))} ms`],
    ['GPUs', String(point.gpus.total)],
    ['Measured', age(point.measuredAtS)],
  ];
  return (
    <div
      class="tooltip"
      style={{
        top: `${Math.max(4, Math.min(y - 40, layout.size.height - 190))}px`,
        ...(toTheLeft ? { right: `${layout.size.width - x + 14}px` } : { left: `${x + 14}px` }),
      }}
    >
      <strong>{series.name}</strong>
      <div class="quiet">
        concurrency {point.conc} · {point.layout}
      </div>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {point.verdict === 'suspect' && <div class="warn">Suspect: see its page for why</div>}
      <div class="quiet">Click for everything about it</div>
    </div>
  );
}

function figure(value: number, unit: string, interval: readonly [number, number] | null): string {
  const range = interval === null ? '' : ` (${shortNumber(interval[0])}–${shortNumber(interval[1])})`;
  return `${shortNumber(value)}${range} ${unit}`;
}
