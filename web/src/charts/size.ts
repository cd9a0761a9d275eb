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
    // As exact as what the observer says: a rounded width would be followed by another, and a second drawing.
    setWidth(Math.floor(place.current.getBoundingClientRect().width));
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

const nearPx = 600;

/** Calls later, when the browser has nothing else to do; not every browser says when. */
function whenIdle(then: () => void): () => void {
  if ('requestIdleCallback' in globalThis) {
    const handle = requestIdleCallback(then);
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(then, 500);
  return () => clearTimeout(timer);
}

/** Whether an element is on the screen or nearly so, or the page has had the time to draw it anyway; it stays so. */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useLayoutEffect(() => {
    if (place.current === null) return;
    if (place.current.getBoundingClientRect().top < innerHeight + nearPx) {
      setNear(true);
      return;
    }
    // On paper everything is seen.
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

/** Pixels; of all texts in charts. */
export const fontSize = 12;

/** Pixels a text takes, about: exact enough to keep labels apart and axes wide enough. */
export function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.57;
}
