import { useEffect, useState } from 'preact/hooks';

/** How many of a list are drawn: a first few at once, so that they are seen soon, and more after each frame. */
export function useGrowing(
  count: number,
  { first, step }: { readonly first: number; readonly step: number },
): number {
  const [drawn, setDrawn] = useState(first);
  useEffect(() => {
    if (drawn >= count) return;
    // What is there is drawn in the next frame; more is begun after that.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setDrawn(drawn + step));
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [drawn, count, step]);
  return Math.min(drawn, count);
}
