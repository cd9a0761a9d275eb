import type { ZoomWindow } from '../../state/params.ts';
import type { Plot } from '../plot.ts';
import type { Dot, PlotSeries } from './plot-series.ts';
import type { Current } from './use-gestures.ts';
import { panned, zoomed } from './zoom.ts';

interface KeyOptions {
  readonly layout: Plot;
  readonly shown: readonly PlotSeries[];
  readonly current: Current | undefined;
  onCurrent(current: Current | undefined): void;
  onWindow(window: ZoomWindow | undefined): void;
  onPin(id: string): void;
  onOpen(id: string): void;
}

/** Keys of the chart: arrows move along a series and between series, Shift with arrows pans. */
export function useKeys(options: KeyOptions): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actionOf(event, options);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}

const step = 60;

function actionOf(event: KeyboardEvent, options: KeyOptions): (() => void) | undefined {
  const { layout, current, onCurrent, onWindow, onPin, onOpen } = options;
  const pan = (dx: number, dy: number) => () => onWindow(panned(layout, dx, dy));
  const go = (along: number, across: number) => () => onCurrent(next(options, along, across));
  switch (event.key) {
    case 'ArrowRight':
      return event.shiftKey ? pan(-step, 0) : go(1, 0);
    case 'ArrowLeft':
      return event.shiftKey ? pan(step, 0) : go(-1, 0);
    case 'ArrowDown':
      return event.shiftKey ? pan(0, -step) : go(0, 1);
    case 'ArrowUp':
      return event.shiftKey ? pan(0, step) : go(0, -1);
    case '+':
    case '=':
      return () => onWindow(zoomed(layout, 0.7));
    case '-':
      return () => onWindow(zoomed(layout, 1 / 0.7));
    case '0':
      return () => onWindow(undefined);
    case 'Escape':
      return current && (() => onCurrent(undefined));
    case 'Enter':
      return current && (() => onOpen(current.id));
    case 'p':
    case 'P':
      return current && (() => onPin(current.id));
    default:
      return undefined;
  }
}

/** The next point: along its series, or the one nearest in x of the next series. Frontier points come first. */
function next({ shown, current }: KeyOptions, along: number, across: number): Current | undefined {
  const at = shown.findIndex(({ key }) => key === current?.series);
  const series = shown[at];
  const dots = series?.dots ?? [];
  const place = dots.findIndex(({ point }) => point.id === current?.id);
  const dot = dots[place];
  if (series === undefined || dot === undefined) {
    const first = shown[0];
    return first && currentOf(first, first.frontier[0] ?? first.dots[0]);
  }
  if (across !== 0) {
    const other = shown[(at + across + shown.length) % shown.length];
    return (
      other && currentOf(other, nearestInX(other.frontier.length > 0 ? other.frontier : other.dots, dot.x))
    );
  }
  return currentOf(series, dots[Math.min(Math.max(place + along, 0), dots.length - 1)]);
}

function nearestInX(dots: readonly Dot[], x: number): Dot | undefined {
  return dots.reduce<Dot | undefined>(
    (best, dot) => (best === undefined || Math.abs(dot.x - x) < Math.abs(best.x - x) ? dot : best),
    undefined,
  );
}

function currentOf(series: PlotSeries, dot: Dot | undefined): Current | undefined {
  return dot && { series: series.key, id: dot.point.id };
}
