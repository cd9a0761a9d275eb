import type { Payer } from '../../../../src/derived/cost.ts';
import { payerLabels } from '../../../../src/derived/measures.ts';
import type { OverviewShape } from '../../../../src/server/api.ts';
import { seriesName } from '../../data/points.ts';
import { shortNumber, usd } from '../../parts/format.ts';

export type By = 'throughput' | 'cost' | 'power';
type Level = OverviewShape['levels'][number];
export type RankingPlace = Level['ranking'][number];

/** What hardware is ranked by: how it is called, its figure, and how that is written. */
export interface Criterion {
  readonly label: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** How the first of a ranking stands out. */
  readonly superlative: string;
  of(place: RankingPlace): number | null;
  show(value: number | null): string;
}

export function criterionOf(by: By, payer: Payer): Criterion {
  switch (by) {
    case 'throughput':
      return {
        label: 'Total throughput per GPU',
        unit: 'tok/s/GPU',
        better: 'higher',
        superlative: 'gives the most',
        of: ({ totalTputPerGpu }) => totalTputPerGpu,
        show: shortNumber,
      };
    case 'cost':
      return {
        label: `Cost per million total tokens (${payerLabels[payer]})`,
        unit: 'per million tokens',
        better: 'lower',
        superlative: 'is the cheapest',
        of: ({ usdPerMillionTotalTokens }) => usdPerMillionTotalTokens[payer],
        show: usd,
      };
    case 'power':
      return {
        label: 'Total throughput per megawatt, all-in',
        unit: 'tok/s/MW',
        better: 'higher',
        superlative: 'gives the most for its power',
        of: ({ totalTokensPerSPerMw }) => totalTokensPerSPerMw,
        show: shortNumber,
      };
  }
}

export interface Ranked {
  readonly place: RankingPlace;
  /** The series it rests on, in words. */
  readonly name: string;
  readonly value: number | null;
}

/** The best first; hardware without the figure last, because nothing is known of it, not because it is worst. */
export function ranked(level: Level, criterion: Criterion): Ranked[] {
  const sign = criterion.better === 'higher' ? -1 : 1;
  return level.ranking
    .map((place) => ({ place, name: place.series.map(seriesName).join(' and '), value: criterion.of(place) }))
    .toSorted(
      (a, b) =>
        sign * ((a.value ?? sign * Number.POSITIVE_INFINITY) - (b.value ?? sign * Number.POSITIVE_INFINITY)),
    );
}

/** How much better the first is than the second, as a factor of at least 1; null where either is unknown. */
export function lead([first, second]: readonly Ranked[]): number | null {
  if (first?.value == null || second?.value == null || first.value <= 0 || second.value <= 0) return null;
  return Math.max(first.value / second.value, second.value / first.value);
}

/** The level of a shape that is nearest to the one asked for, the middle one where none is. */
export function levelOf({ levels }: OverviewShape, asked: number | undefined): Level | undefined {
  if (asked === undefined) return levels[Math.floor((levels.length - 1) / 2)];
  return levels.toSorted(
    (a, b) => Math.abs(a.medianInteractivity - asked) - Math.abs(b.medianInteractivity - asked),
  )[0];
}
