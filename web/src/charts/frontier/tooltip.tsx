import { arrivalAt, arrivalWords } from '../../data/arrival-words.ts';
import { metricOf } from '../../data/points.ts';
import { unitAt } from '../../data/role-throughput.ts';
import { age, quantity, seconds, shortNumber, withUnit } from '../../parts/format.ts';
import type { Plot } from '../plot.ts';
import { Tooltip } from '../tooltip.tsx';
import type { AxesOf, Dot, PlotSeries } from './plot-series.ts';

interface DotTooltipProps {
  readonly dot: Dot;
  readonly series: PlotSeries;
  readonly axes: AxesOf;
  readonly layout: Plot;
}

/** What a point is; screen readers read the same words. */
export function describeDot({ dot, series, axes }: Omit<DotTooltipProps, 'layout'>): string {
  const value = (measure: AxesOf['x'], at: number) =>
    `${measure.label} ${withUnit(at, unitAt(measure, dot.point))}`;
  return [
    `${series.name}, concurrency ${dot.point.conc}, ${dot.point.layout}`,
    value(axes.y, dot.y),
    value(axes.x, dot.x),
    arrivalWords(arrivalAt(dot.point)),
    dot.onFrontier ? 'on the frontier' : 'behind the frontier',
    ...(dot.point.verdict === 'suspect' ? ['suspect'] : []),
  ].join('; ');
}

export function DotTooltip({ dot, series, axes, layout }: DotTooltipProps) {
  const { point } = dot;
  const arrival = arrivalAt(point);
  return (
    <Tooltip
      at={{ x: layout.x(dot.x), y: layout.y(dot.y) }}
      size={layout.size}
      tall={250}
      title={series.name}
      subtitle={`concurrency ${point.conc} · ${point.layout}`}
      rows={[
        [axes.y.label, figure(dot.y, unitAt(axes.y, point), dot.yInterval)],
        [axes.x.label, figure(dot.x, axes.x.unit, dot.xInterval)],
        ['TTFT, median', secondsOr(metricOf(point, 'medianTtftMs'))],
        ['TTFT, p99', secondsOr(metricOf(point, 'p99TtftMs'))],
        ['GPUs', String(point.gpus.total)],
        ['Measured', age(point.measuredAtS)],
      ]}
    >
      <div class="arrival" data-arrival={arrival.state}>
        {arrivalWords(arrival)}
      </div>
      {point.verdict === 'suspect' && <div class="warn">Suspect: its page says why</div>}
      <div class="quiet for-mouse">Click to open its page</div>
      <div class="quiet for-touch">Tap again to open its page</div>
    </Tooltip>
  );
}

function secondsOr(ms: number | null): string {
  return ms === null ? 'not known' : seconds(ms);
}

function figure(value: number, unit: string, interval: readonly [number, number] | null): string {
  const range = interval === null ? '' : ` (${shortNumber(interval[0])}–${shortNumber(interval[1])})`;
  return quantity(`${shortNumber(value)}${range}`, unit);
}
