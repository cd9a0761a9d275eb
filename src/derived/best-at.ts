import type { Better, FrontierPosition } from './frontier.ts';

/** What a frontier gives at a level of x that somebody asks for. */
export type BestAt<Item> =
  /** A measured point is at the level or better than it. */
  | { readonly kind: 'measured'; readonly y: number; readonly item: Item }
  /**
   * The level is between two measured points: y is on the straight line between them, both axes linear, so it never
   * leaves `range`, which is what those two points measured: better of them first.
   */
  | {
      readonly kind: 'interpolated';
      readonly y: number;
      readonly range: readonly [best: number, worst: number];
      readonly items: readonly [Item, Item];
    }
  /** No point was measured that reaches the level. What it would give is not known, and not guessed. */
  | { readonly kind: 'out-of-reach' };

/**
 * The best y of a frontier for an x at least as good as the level. The frontier is one of `paretoFrontier`: ordered by
 * x, and worse in y as x gets better.
 */
export function bestAt<Item>(
  frontier: readonly Item[],
  position: (item: Item) => FrontierPosition,
  level: number,
  betterX: Better,
): BestAt<Item> {
  // From the easiest point to the most demanding one.
  const demanding = betterX === 'higher' ? frontier : frontier.toReversed();
  const reaches = (item: Item) =>
    betterX === 'higher' ? position(item).x >= level : position(item).x <= level;
  const index = demanding.findIndex(reaches);
  const item = demanding[index];
  if (item === undefined) return { kind: 'out-of-reach' };
  const at = position(item);
  const easier = demanding[index - 1];
  if (easier === undefined || at.x === level) return { kind: 'measured', y: at.y, item };
  const from = position(easier);
  const share = (level - from.x) / (at.x - from.x);
  // Weighted rather than from.y + share × difference, which rounding can carry past the end.
  const y = (1 - share) * from.y + share * at.y;
  const within = Math.min(Math.max(y, Math.min(from.y, at.y)), Math.max(from.y, at.y));
  return { kind: 'interpolated', y: within, range: [from.y, at.y], items: [easier, item] };
}
