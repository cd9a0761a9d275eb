/** Whether more or less of a measure is better. */
export type Better = 'higher' | 'lower';

/** The position of a point on two axes. */
export interface FrontierPosition {
  readonly x: number;
  readonly y: number;
}

/**
 * Computes the Pareto frontier: the points that no other point beats on one axis without losing on the other,
 * ordered by x. Of several points at the same position, the first is kept; points with a number that is not
 * finite are left out.
 *
 *     paretoFrontier(points, ({ speed: x, tput: y }) => ({ x, y }), { x: 'higher', y: 'higher' })
 */
export function paretoFrontier<Item>(
  items: readonly Item[],
  position: (item: Item) => FrontierPosition,
  better: { readonly x: Better; readonly y: Better },
): Item[] {
  const [xSign, ySign] = [better.x === 'higher' ? 1 : -1, better.y === 'higher' ? 1 : -1];
  const placed = items
    .map((item) => ({ item, ...position(item) }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .toSorted((a, b) => xSign * (b.x - a.x) || ySign * (b.y - a.y));
  let best = Number.NEGATIVE_INFINITY;
  const frontier = placed.filter(({ y }) => {
    const advances = ySign * y > best;
    if (advances) best = ySign * y;
    return advances;
  });
  return frontier.toSorted((a, b) => a.x - b.x).map(({ item }) => item);
}
