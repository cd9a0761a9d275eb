/**
 * Wilson 95 % interval of a success rate. It is accurate for few attempts and for rates near 0 and 1. Null
 * without attempts. Formula: Wilson (1927), without continuity correction, z = 1.959964.
 *
 *     wilsonInterval(81, 263) // [0.2553, 0.3662]
 */
export function wilsonInterval(
  succeeded: number,
  attempts: number,
): readonly [low: number, high: number] | null {
  if (attempts <= 0) return null;
  const z = 1.959964;
  const rate = succeeded / attempts;
  const scale = 1 + z ** 2 / attempts;
  const centre = (rate + z ** 2 / (2 * attempts)) / scale;
  const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / attempts + z ** 2 / (4 * attempts ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
