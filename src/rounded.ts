/**
 * Rounds to a number of decimals. Ties round to the even digit, like Python's `round`, which the public rows use.
 *
 * @example
 * rounded(10148.8125, 3); // 10148.812
 */
export function rounded(value: number, decimals: number): number {
  // Numbers this large have no decimals.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return value;
  const text = Math.abs(value).toFixed(Math.min(100, decimals + 30));
  const cut = text.length - 30;
  const [kept, rest] = [BigInt(text.slice(0, cut).replace('.', '')), text.slice(cut)];
  const half = `5${'0'.repeat(29)}`;
  const isUp = rest > half || (rest === half && kept % 2n === 1n);
  const digits = String(kept + (isUp ? 1n : 0n)).padStart(decimals + 1, '0');
  return Math.sign(value) * Number(`${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
}
