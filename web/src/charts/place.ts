/** A place in a chart, in pixels from its upper left corner. */
export interface ChartPlace {
  readonly x: number;
  readonly y: number;
}

/** Position of the pointer in an element. */
export function placeOf(event: MouseEvent, element: Element): ChartPlace {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** Distance in pixels within which a pointer selects a point; a finger is less exact. */
export function reachOf({ pointerType }: PointerEvent): number {
  return pointerType === 'mouse' ? 24 : 40;
}
