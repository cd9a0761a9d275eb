/** Somewhere in a chart, in pixels from its upper left corner. */
export interface ChartPlace {
  readonly x: number;
  readonly y: number;
}

/** Where in an element the pointer is. */
export function placeOf(event: MouseEvent, element: Element): ChartPlace {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** How far from a point a pointer may be to mean it, pixels; a finger is less exact. */
export function reachOf({ pointerType }: PointerEvent): number {
  return pointerType === 'mouse' ? 24 : 40;
}
