import { useRef } from 'preact/hooks';
import type { ZoomWindow } from '../../state/params.ts';
import { type ChartPlace, placeOf } from '../place.ts';
import type { Plot } from '../plot.ts';
import { type Fingers, pinched } from './zoom.ts';

interface PinchOptions {
  readonly layout: Plot;
  onBegin(): void;
  onWindow(window: ZoomWindow): void;
}

/** Zooms and pans with two fingers. Each function returns whether the event is part of a pinch, and so handled. */
export function usePinch({ layout, onBegin, onWindow }: PinchOptions) {
  const { current: down } = useRef(new Map<number, ChartPlace>());
  // The layout when the pinch started: every move is computed from it, so that rounding errors do not add up.
  const begun = useRef<{ readonly layout: Plot; readonly from: Fingers }>(undefined);
  // A finger that remains after a pinch does not tap.
  const isOver = useRef(true);
  const begin = () => {
    const from = firstTwo(down);
    begun.current = from && { layout, from };
    if (from !== undefined) isOver.current = false;
    if (down.size === 0) isOver.current = true;
  };
  return {
    onDown: (event: PointerEvent, element: Element): boolean => {
      if (event.pointerType !== 'touch') return false;
      down.set(event.pointerId, placeOf(event, element));
      begin();
      if (!isOver.current) onBegin();
      return !isOver.current;
    },
    onMove: (event: PointerEvent, element: Element): boolean => {
      if (!down.has(event.pointerId)) return false;
      down.set(event.pointerId, placeOf(event, element));
      const to = firstTwo(down);
      if (begun.current !== undefined && to !== undefined)
        onWindow(pinched(begun.current.layout, begun.current.from, to));
      return !isOver.current;
    },
    onEnd: (event: PointerEvent): boolean => {
      const wasPinch = !isOver.current;
      down.delete(event.pointerId);
      begin();
      return wasPinch;
    },
  };
}

function firstTwo(down: ReadonlyMap<number, ChartPlace>): Fingers | undefined {
  const [first, second] = down.values();
  return first && second && [first, second];
}
