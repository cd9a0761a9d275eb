import { burstsOf } from '../../../../src/derived/bursts.ts';
import { burstWords } from '../../data/burst-words.ts';
import { metricOf } from '../../data/points.ts';
import { age, quantity, shortNumber, withUnit } from '../../parts/format.ts';
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
  const value = (measure: AxesOf['x'], at: number) => `${measure.label} ${withUnit(at, measure.unit)}`;
  return [
    `${series.name}, concurrency ${dot.point.conc}, ${dot.point.layout}`,
    value(series.modelled ?? axes.y, dot.y),
    value(axes.x, dot.x),
    dot.onFrontier ? 'on the frontier' : 'behind the frontier',
    ...[burstsIn(dot)].flatMap((bursts) => (bursts === null ? [] : burstWords(bursts))),
    ...(dot.point.verdict === 'suspect' ? ['suspect'] : []),
  ].join('; ');
}

export function DotTooltip({ dot, series, axes, layout }: DotTooltipProps) {
  const { point } = dot;
  const bursts = burstsIn(dot);
  return (
    <Tooltip
      at={{ x: layout.x(dot.x), y: layout.y(dot.y) }}
      size={layout.size}
      tall={bursts === null ? 190 : 250}
      title={series.name}
      subtitle={`concurrency ${point.conc} · ${point.layout}`}
      rows={[
        [(series.modelled ?? axes.y).label, figure(dot.y, axes.y.unit, dot.yInterval)],
        [axes.x.label, figure(dot.x, axes.x.unit, dot.xInterval)],
        ['Median TTFT', withUnit(metricOf(point, 'medianTtftMs'), 'ms')],
        ['GPUs', String(point.gpus.total)],
        ['Measured', age(point.measuredAtS)],
      ]}
    >
      {bursts !== null && (
        <div class="bursts" data-gap={bursts.gapMs}>
          {burstWords(bursts)}
        </div>
      )}
      {point.verdict === 'suspect' && <div class="warn">Suspect: its page says why</div>}
      <div class="quiet for-mouse">Click to open its page</div>
      <div class="quiet for-touch">Tap again to open its page</div>
    </Tooltip>
  );
}

function burstsIn({ point }: Dot) {
  return burstsOf({ metric: (name) => metricOf(point, name) });
}

function figure(value: number, unit: string, interval: readonly [number, number] | null): string {
  const range = interval === null ? '' : ` (${shortNumber(interval[0])}–${shortNumber(interval[1])})`;
  return quantity(`${shortNumber(value)}${range}`, unit);
}
