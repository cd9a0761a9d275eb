import { type Better, type FrontierPosition, paretoFrontier } from './frontier.ts';

/**
 * The area that a set of points dominates, relative to a reference that should be worse than all relevant
 * points on both axes. Points that are not better than the reference on both axes do not count. Compare two
 * sets by the same reference. The unit is that of x times that of y.
 *
 *     hypervolume([{ x: 50, y: 900 }, { x: 100, y: 400 }], { x: 0, y: 0 }, { x: 'higher', y: 'higher' }) // 65,000
 */
export function hypervolume(
  points: readonly FrontierPosition[],
  reference: FrontierPosition,
  better: { readonly x: Better; readonly y: Better },
): number {
  const gain = (value: number, from: number, which: Better) =>
    which === 'higher' ? value - from : from - value;
  const gains = points
    .map(({ x, y }) => ({ x: gain(x, reference.x, better.x), y: gain(y, reference.y, better.y) }))
    .filter(({ x, y }) => x > 0 && y > 0);
  const frontier = paretoFrontier(gains, (point) => point, { x: 'higher', y: 'higher' });
  let area = 0;
  let left = 0;
  for (const { x, y } of frontier) {
    area += (x - left) * y;
    left = x;
  }
  return area;
}
