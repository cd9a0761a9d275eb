import type { PowerReason } from './reasons.ts';
import type { PowerSample } from './samples.ts';

/** Over a longer gap without samples, the mean power would be a guess. */
export const longestGapS = 3;

export interface WindowEnergy {
  /** Undefined if the samples do not cover the window. */
  readonly energyJ?: number;
  /** The longest gap between two samples that overlaps the window. */
  readonly longestGapS?: number;
  readonly reasons: readonly PowerReason[];
}

/**
 * The energy of one GPU in a window, by the trapezoidal rule, with the power interpolated at both ends of the window
 * (contract F11).
 */
export function energyIn(samples: readonly PowerSample[], startS: number, endS: number): WindowEnergy {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2)
    return { reasons: ['insufficient_power_samples'] };
  if (first.atS > startS || last.atS < endS) return { reasons: ['benchmark_window_not_bracketed'] };
  const spans = samples.slice(1).flatMap((to, index): Span[] => {
    const from = samples[index];
    return from === undefined || to.atS <= startS || from.atS >= endS ? [] : [{ from, to }];
  });
  const gapS = spans.reduce((longest, { from, to }) => Math.max(longest, to.atS - from.atS), 0);
  return {
    energyJ: sum(spans.map((span) => energyOfPart(span, startS, endS))),
    longestGapS: gapS,
    reasons: gapS > longestGapS ? ['sampling_gap_exceeded'] : [],
  };
}

/** The energy of a GPU from its first sample to its last; several samples may have the same time. */
export function energyOfAll(samples: readonly PowerSample[]): number {
  return sum(
    samples.slice(1).map((to, index) => {
      const from = samples[index];
      return from === undefined ? 0 : ((from.powerW + to.powerW) / 2) * (to.atS - from.atS);
    }),
  );
}

interface Span {
  readonly from: PowerSample;
  readonly to: PowerSample;
}

function energyOfPart(span: Span, startS: number, endS: number): number {
  const [fromS, toS] = [Math.max(span.from.atS, startS), Math.min(span.to.atS, endS)];
  return ((powerAt(span, fromS) + powerAt(span, toS)) / 2) * (toS - fromS);
}

function powerAt({ from, to }: Span, atS: number): number {
  return from.powerW + ((to.powerW - from.powerW) * (atS - from.atS)) / (to.atS - from.atS);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
