/** What a search varies. */
export const loadKinds = ['concurrency', 'rate'] as const;
export type LoadKind = (typeof loadKinds)[number];

/** Defaults of a search; the range is that of its kind. */
export const searchDefaults = {
  resolution: 0.05,
  confidence: 0.95,
  maxRequests: 200_000,
  range: { concurrency: { min: 1, max: 1024 }, rate: { min: 1, max: 1000 } },
} as const;

/** The loads that a search can try, ascending, each at most `1 + resolution` times the one before if the kind allows. */
export function loadLevels(
  kind: LoadKind,
  { min, max, resolution }: { readonly min: number; readonly max: number; readonly resolution: number },
): readonly number[] {
  const steps = Math.max(1, Math.ceil(Math.log(max / min) / Math.log1p(resolution) - 1e-9));
  const ratio = (max / min) ** (1 / steps);
  const exact = Array.from({ length: steps + 1 }, (_, step) => min * ratio ** step);
  const rounded = exact.map(kind === 'concurrency' ? Math.round : fourDigits);
  return [...new Set(rounded)];
}

function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
