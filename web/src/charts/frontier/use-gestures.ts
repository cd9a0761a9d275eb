import { useEffect, useRef, useState } from 'preact/hooks';
import type { ZoomWindow } from '../../state/params.ts';
import { type ChartPlace, placeOf, reachOf } from '../place.ts';
import type { Plot } from '../plot.ts';
import { nearestDot } from './layout.ts';
import type { PlotSeries } from './plot-series.ts';
import { usePinch } from './use-pinch.ts';
import { panned, windowBetween, zoomed } from './zoom.ts';

/** A drag selects the part to show; with Shift it moves the part that is shown. */
export interface Drag {
  readonly kind: 'zoom' | 'pan';
  readonly from: ChartPlace;
  readonly to: ChartPlace;
}

export interface Current {
  readonly series: string;
  readonly id: string;
}

interface GestureOptions {
  readonly layout: Plot;
  readonly shown: readonly PlotSeries[];
  onCurrent(current: Current | undefined): void;
  onWindow(window: ZoomWindow | undefined): void;
  onOpen(id: string): void;
  onPin(id: string): void;
}

/** Pointer gestures: hover and click, drag, two fingers, Ctrl with the wheel, double click for everything. */
export function useGestures(options: GestureOptions) {
  const { layout, shown, onCurrent, onWindow, onOpen, onPin } = options;
  const [drag, drawDrag] = useState<Drag>();
  // Events can be more frequent than renders, so their state is kept apart from what is rendered.
  const dragging = useRef<Drag>(undefined);
  const setDrag = (next: Drag | undefined) => {
    dragging.current = next;
    drawDrag(next);
  };
  // The wheel's listener is added once, and must see the latest layout.
  const latest = useRef(options);
  latest.current = options;
  const surface = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      // Without Ctrl (or a pinch, which browsers report as Ctrl) the wheel scrolls the page, as usual.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { layout: now, onWindow: show } = latest.current;
      show(zoomed(now, Math.exp(event.deltaY * 0.004), placeOf(event, element)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const pinch = usePinch({ layout, onWindow, onBegin: () => onCurrent(undefined) });
  const find = (event: PointerEvent, element: HTMLElement) =>
    nearestDot(shown, layout, placeOf(event, element), reachOf(event));
  return {
    drag,
    surface,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        const element = surface.current;
        if (element === null || event.button !== 0 || pinch.onDown(event, element)) return;
        if (event.pointerType !== 'mouse') return;
        element.setPointerCapture(event.pointerId);
        const from = placeOf(event, element);
        setDrag({ kind: event.shiftKey ? 'pan' : 'zoom', from, to: from });
      },
      onPointerMove: (event: PointerEvent) => {
        const element = surface.current;
        if (element === null || pinch.onMove(event, element)) return;
        const begun = dragging.current;
        if (begun !== undefined) {
          const to = placeOf(event, element);
          if (begun.kind === 'pan') onWindow(panned(layout, to.x - begun.to.x, to.y - begun.to.y));
          setDrag({ ...begun, to });
          return;
        }
        const found = find(event, element);
        element.style.cursor = found === undefined ? 'crosshair' : 'pointer';
        onCurrent(found && { series: found.series.key, id: found.dot.point.id });
      },
      onPointerUp: (event: PointerEvent) => {
        if (pinch.onEnd(event)) return;
        const element = surface.current;
        const done = dragging.current;
        const window = done?.kind === 'zoom' ? windowBetween(layout, done.from, done.to) : undefined;
        const moved = done !== undefined && Math.hypot(done.from.x - done.to.x, done.from.y - done.to.y) > 4;
        setDrag(undefined);
        if (window !== undefined) onWindow(window);
        if (moved || element === null || event.button !== 0) return;
        const found = find(event, element);
        if (found === undefined) return;
        if (event.shiftKey) {
          onPin(found.dot.point.id);
          return;
        }
        // Touch has no hover: the first tap shows the point, the second opens it.
        const shownAlready = element.dataset.tapped === found.dot.point.id;
        if (event.pointerType === 'mouse' || shownAlready) onOpen(found.dot.point.id);
        element.dataset.tapped = found.dot.point.id;
        onCurrent({ series: found.series.key, id: found.dot.point.id });
      },
      // A touch that scrolls the page no longer concerns the chart.
      onPointerCancel: pinch.onEnd,
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType === 'mouse') onCurrent(undefined);
      },
      onDblClick: () => onWindow(undefined),
    },
  };
}
