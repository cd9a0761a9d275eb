import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState } from 'preact/hooks';
import { paretoFrontier } from '../../src/derived/frontier.ts';
import type { PointView } from '../../src/server/api.ts';
import { type Measure, shortNumber } from './measures.ts';
import type { Series } from './series.ts';

interface ChartProps {
  readonly x: Measure;
  readonly y: Measure;
  readonly series: readonly Series[];
}

/** Points and, for each series, the Pareto frontier as a line through measured points only. */
export function Chart({ x, y, series }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const title = `${y.label} against ${x.label.toLowerCase()}`;
  useEffect(() => {
    if (place.current === null || width === 0) return;
    const drawn = draw({ x, y, series }, width, title);
    place.current.replaceChildren(drawn);
    return () => drawn.remove();
  }, [x, y, series, width, title]);
  return (
    <figure class="chart">
      <figcaption>
        <strong>{y.label}</strong> against {x.label.toLowerCase()}
      </figcaption>
      <div ref={place} class="plot" data-chart={x.key} />
    </figure>
  );
}

function draw({ x, y, series }: ChartProps, width: number, title: string): SVGSVGElement | HTMLElement {
  const position = (point: PointView) => ({ x: x.value(point), y: y.value(point) });
  const all = series.flatMap((one) =>
    one.points.map((point) => ({ point, ...position(point), name: one.name })),
  );
  const frontiers = series.flatMap((one) =>
    paretoFrontier(one.points, position, { x: x.better, y: y.better }).map((point) => ({
      ...position(point),
      name: one.name,
    })),
  );
  return Plot.plot({
    width,
    height: Math.round(Math.min(380, Math.max(260, width * 0.62))),
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 20,
    marginRight: 24,
    ariaLabel: title,
    ariaDescription: `${all.length} points; the table below the charts has the same numbers`,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: {
      label: `${x.label} (${x.unit}), ${x.better} is better →`,
      grid: true,
      zero: true,
      nice: true,
      ticks: 6,
      labelAnchor: 'center',
    },
    y: { label: `↑ ${y.unit}`, grid: true, zero: true, nice: true, ticks: 6 },
    color: { domain: series.map(({ name }) => name), range: series.map(({ colour }) => colour) },
    marks: [
      Plot.line(frontiers, {
        x: 'x',
        y: 'y',
        z: 'name',
        stroke: 'name',
        strokeWidth: 2,
        className: 'frontier',
      }),
      Plot.dot(all, {
        x: 'x',
        y: 'y',
        r: 5,
        fill: (datum) => (datum.point.verdict === 'valid' ? datum.name : 'transparent'),
        stroke: 'name',
        strokeWidth: 2,
        className: 'points',
        ariaLabel: (datum) => `concurrency ${datum.point.conc}: ${datum.x} ${x.unit}, ${datum.y} ${y.unit}`,
      }),
      Plot.text(all, {
        x: 'x',
        y: 'y',
        text: (datum) => String(datum.point.conc),
        dy: -13,
        fill: 'currentColor',
      }),
      Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title: tipText(x, y), lineHeight: 1.4, fontSize: 12 })),
    ],
  });
}

function tipText(x: Measure, y: Measure) {
  return (datum: {
    readonly point: PointView;
    readonly x: number;
    readonly y: number;
    readonly name: string;
  }) =>
    [
      datum.name,
      `concurrency ${datum.point.conc}, ${datum.point.layout}`,
      `${shortNumber(datum.y)} ${y.unit}, ${shortNumber(datum.x)} ${x.unit}`,
      `TTFT ${shortNumber(datum.point.ttftMs)} ms, TPOT ${shortNumber(datum.point.tpotMs)} ms`,
      ...(datum.point.verdict === 'suspect' ? [`suspect: ${datum.point.reasons.join('; ')}`] : []),
    ].join('\n');
}

/** The width of an element, followed as it changes. */
function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (place.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
