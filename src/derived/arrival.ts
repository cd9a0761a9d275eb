import type { AnswerCandidate } from './candidate.ts';

/**
 * How the tokens of a reply reach its reader. One statistic decides: the p99 gap (p99 ITL), which only one gap in a
 * hundred exceeds.
 */
export type Arrival =
  | { readonly state: 'smooth' | 'bursts'; readonly gapMs: number }
  /** The gap is unknown, or too many messages may be hidden in it. */
  | { readonly state: 'unknown' };

/** Which servers may answer: all, or only those whose tokens are known to arrive smoothly. */
export type ArrivalPolicy = 'any' | 'smooth';
export const arrivalPolicies = ['any', 'smooth'] as const satisfies readonly ArrivalPolicy[];

/** A pause that interrupts reading. */
export const pauseMs = 500;
/** With speculative decoding, a step delivers up to about this many tokens. */
export const tokensOfAStep = 4;

type Measured = Pick<AnswerCandidate, 'metric' | 'version'>;

/**
 * Whether the speed of a point hides pauses: interactivity is 1000 / TPOT, a mean over each reply, however unevenly its
 * tokens arrive. They arrive in bursts if the p99 gap interrupts reading and is as long as several steps. InferenceMAX
 * divides the gap before a message evenly among the message's tokens, so a short gap in its own results proves nothing.
 */
export function arrivalOf({ metric, version }: Measured): Arrival {
  const gapMs = metric('p99ItlMs');
  if (gapMs === null) return { state: 'unknown' };
  if (gapMs >= pauseMs) {
    const tpotMs = metric('medianTpotMs');
    if (tpotMs === null || !(tpotMs > 0)) return { state: 'unknown' };
    if (gapMs >= tokensOfAStep * tpotMs) return { state: 'bursts', gapMs };
  }
  return version === null ? { state: 'smooth', gapMs } : { state: 'unknown' };
}

/** The arrival of a server between two of its points: bursts if either has them, and smooth only if both are. */
export function worstArrival(points: readonly Measured[]): Arrival {
  const all = points.map(arrivalOf);
  return (
    longest(all, 'bursts') ?? all.find(({ state }) => state === 'unknown') ?? longest(all, 'smooth') ?? none
  );
}

const none: Arrival = { state: 'unknown' };

function longest(all: readonly Arrival[], state: 'smooth' | 'bursts'): Arrival | null {
  return all.reduce<Extract<Arrival, { gapMs: number }> | null>(
    (worst, one) =>
      one.state === state && 'gapMs' in one && (worst === null || one.gapMs > worst.gapMs) ? one : worst,
    null,
  );
}

/** Whether a policy allows a point. */
export function allowsArrival(policy: ArrivalPolicy, point: Measured): boolean {
  return policy === 'any' || arrivalOf(point).state === 'smooth';
}
