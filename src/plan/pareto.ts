/** A point of a chart; higher is better for both figures. */
export interface ParetoFigures {
  readonly x: number;
  readonly y: number;
}

/** The points that no other point matches or beats in both figures, by falling x and rising y. */
export function frontier(points: readonly ParetoFigures[]): ParetoFigures[] {
  const best: ParetoFigures[] = [];
  let highest = Number.NEGATIVE_INFINITY;
  for (const point of points.toSorted((a, b) => b.x - a.x || b.y - a.y)) {
    if (point.y <= highest) continue;
    highest = point.y;
    best.push(point);
  }
  return best;
}

/** The two-dimensional hypervolume: the area that the points dominate, measured from the origin. */
export function hypervolume(points: readonly ParetoFigures[]): number {
  let area = 0;
  let below = 0;
  for (const { x, y } of frontier(points.filter((point) => point.x > 0 && point.y > 0))) {
    area += x * (y - below);
    below = y;
  }
  return area;
}
