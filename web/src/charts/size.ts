import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The width of an element, followed as it changes; 0 until it is known. */
export function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  // Before the first frame, so that the chart is in it.
  useLayoutEffect(() => {
    if (place.current === null) return;
    // Rounded like the observer's value: otherwise the chart would be drawn twice.
    setWidth(Math.floor(place.current.getBoundingClientRect().width));
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

const nearPx = 600;

/** Calls a function when the browser is idle, or a little later in a browser that does not report this. */
function whenIdle(then: () => void): () => void {
  if ('requestIdleCallback' in globalThis) {
    const handle = requestIdleCallback(then);
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(then, 500);
  return () => clearTimeout(timer);
}

/** Whether an element is on or near the screen, or the browser was idle; never false again after that. */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useLayoutEffect(() => {
    if (place.current === null) return;
    if (place.current.getBoundingClientRect().top < innerHeight + nearPx) {
      setNear(true);
      return;
    }
    // Paper shows everything.
    const draw = () => setNear(true);
    addEventListener('beforeprint', draw);
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: `${nearPx}px` },
    );
    observer.observe(place.current);
    const forget = whenIdle(draw);
    return () => {
      forget();
      removeEventListener('beforeprint', draw);
      observer.disconnect();
    };
  }, [place]);
  return isNear;
}

/** Charts narrower than this have no space for values next to their lines, in pixels. */
const narrowBelow = 520;

export function isNarrow({ width }: Pick<Size, 'width'>): boolean {
  return width < narrowBelow;
}

/** Size of all text in charts, in pixels. */
export const fontSize = 12;

/** Approximate width of a text in pixels: exact enough to separate labels and to size axes. */
export function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.57;
}
